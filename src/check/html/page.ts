import { documentOf } from "../../report/html/document.ts";
import { html, type Markup } from "../../report/html/markup.ts";
import type { NamedFinding, Rating } from "../finding.ts";
import { aboutText, MARKS } from "../page.ts";
import { summary } from "../summary.ts";
import type { CheckResult } from "../result.ts";
import { ladder } from "./ladder.ts";
import { drawing } from "./path.ts";
import style from "./check.css" with { type: "text" };

const SPOKEN: Record<Rating, string> = {
  fine: "fine",
  notable: "to know",
  harmful: "harmful",
  unknown: "unknown",
};

/** What was found, as one HTML file. */
export function htmlCheck(result: CheckResult): string {
  const { target, started, label, verdict, checks } = result;
  const idle = checks.find(({ name }) => name === "idle");
  return documentOf({
    title: `${label === null ? "" : `${label}: `}${target}: ${verdict}`,
    kind: "check",
    header: html`<h1>${target}</h1>
      <p class="terms">${aboutText(result)} · ${started}</p>
      <p class="verdict ${verdict === "pass" ? "pass" : "fail"}">
        <strong>${VERDICTS[verdict]}</strong><span>${summary(result)}</span>
      </p>`,
    main: [
      drawing(result),
      idle === undefined ? null : ladder(idle),
      html`<section class="findings">${checks.map(findingCard)}</section>`,
      expectedCard(result),
    ],
    charts: [],
    style,
  });
}

const VERDICTS = {
  pass: "Pass",
  fail: "Fail",
  interrupted: "Interrupted",
} as const;

function findingCard(finding: NamedFinding): Markup {
  const { name, rating, status, text, means, evidence } = finding;
  return html`<article class="card finding ${rating}">
    <h2>
      <span class="mark" role="img" aria-label="${SPOKEN[rating]}"
        >${MARKS[rating]}</span
      >
      ${name} <span class="status">${status}</span>
    </h2>
    <p>${withCode(text)}</p>
    <p class="means">${withCode(means)}</p>
    <details>
      <summary>Evidence</summary>
      <pre>${JSON.stringify(evidence, null, 2)}</pre>
    </details>
  </article> `;
}

/** What stands between backticks is set as code. */
function withCode(text: string): Markup[] {
  return text
    .split("`")
    .map((part, index) =>
      index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`,
    );
}

function expectedCard({ expectations }: CheckResult): Markup | null {
  if (expectations.length === 0) return null;
  return html`<section class="card">
    <h2>Expected</h2>
    <ul class="expected">
      ${expectations.map(
        ({ expected, met, found }) =>
          html`<li class="${met === true ? "met" : "missed"}">
            <strong>${met === true ? "✓" : "✗"}</strong>
            <code>${expected}</code> <span>${found}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}
