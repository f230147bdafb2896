/** The pieces that the HTML reports are made of. */
import type { Result } from "../../result/result.ts";
import type { Times } from "../../result/times.ts";
import type { Chart } from "../charts/chart.ts";
import { distributionOf, labelsOf } from "../distribution.ts";
import { html, type Markup } from "./markup.ts";
import { formatShare } from "../numbers.ts";
import type { Table } from "../tables.ts";
import { reasonOf, reasonsOf } from "../verdict.ts";

/** Classes of cells with these texts. */
const CLASSES = new Map([
  ["✓", "met"],
  ["✗", "missed"],
  ["pass", "met"],
  ["fail", "missed"],
]);
/** What screen readers say for a mark. */
const SPOKEN = new Map([
  ["✓", "met"],
  ["✗", "missed"],
]);

/** Longer ones are names of files, which may be broken anywhere. */
const LONGEST_WORD = 14;

function rowHead(text: string): Markup {
  const long = text.length > LONGEST_WORD;
  return html`<th scope="row" ${long && html`class="name"`}>${text}</th>`;
}

/** A figure and its unit stay on one line. */
function unbroken(text: string): string {
  return text.replaceAll(/(?<=\d[mh]?) (?=[\da-zµ%])/gi, "\u00a0");
}

function cell(text: string, align: string | undefined): Markup {
  const kind = [CLASSES.get(text), align === "r" && "right"].filter(Boolean);
  const spoken = SPOKEN.get(text);
  const content =
    spoken === undefined
      ? html`${align === "r" ? unbroken(text) : text}`
      : html`<span role="img" aria-label="${spoken}">${text}</span>`;
  return html`<td${kind.length > 0 && html` class="${kind.join(" ")}"`}>${content}</td>`;
}

/** Where a table is wider than its place it scrolls, with the keyboard, too. */
export function table({ caption, head, align, rows, note }: Table): Markup {
  const heads = head?.map((text, index) =>
    text === ""
      ? html`<td></td>`
      : html`<th scope="col" ${align[index] === "r" && html` class="right"`}>
          ${text}
        </th>`,
  );
  // A first column without a head names the rows.
  const named = head === undefined ? align.startsWith("l") : head[0] === "";
  return html`<div
      class="scroll"
      role="region"
      aria-label="${caption}"
      tabindex="0"
    >
      <table>
        <caption>
          ${caption}
        </caption>
        ${
          heads !== undefined &&
          html`<thead>
            <tr>
              ${heads}
            </tr>
          </thead>`
        }
        <tbody>
          ${rows.map(
            ([first = "", ...rest]) =>
              html`<tr>
                ${
                  named && !SPOKEN.has(first)
                    ? rowHead(first)
                    : cell(first, align[0])
                }${rest.map((text, index) => cell(text, align[index + 1]))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${note !== undefined && html`<p class="about">${note}</p>`} `;
}

export function card(content: Table): Markup {
  return html`<div class="card">${table(content)}</div> `;
}

/** Tables that have rows, in columns where there is room. */
export function tables(contents: readonly Table[]): Markup {
  return html`<section class="columns">
    ${contents.filter(({ rows }) => rows.length > 0).map(card)}
  </section> `;
}

function figure({ id, title, about, lines }: Chart): Markup {
  const names = lines.map(({ label }) => label).join(", ");
  return html`<figure class="card ${id}">
    <figcaption>
      <h2>${title}</h2>
      <p class="about">${about}</p>
    </figcaption>
    <div
      class="plot"
      data-chart="${id}"
      role="img"
      aria-label="${title}: ${names}"
    ></div>
  </figure> `;
}

export function figures(
  charts: readonly Chart[],
  more: Markup | null = null,
): Markup {
  return html`<section class="grid">${charts.map(figure)}${more}</section> `;
}

export function distribution(times: Times): Markup | null {
  const rows = distributionOf(times);
  if (rows.length === 0) return null;
  const labels = labelsOf(rows);
  const most = Math.max(...rows.map(({ share }) => share));
  return html`<div class="card">
    <table class="distribution">
      <caption>
        Latency distribution
      </caption>
      <tbody>
        ${rows.map(
          ({ share, mark }, index) =>
            html`<tr>
              <th scope="row" class="right">${labels[index]!}</th>
              <td class="right">${formatShare(share)}</td>
              <td class="bar">
                <svg
                  preserveAspectRatio="none"
                  viewBox="0 0 100 1"
                  aria-hidden="true"
                >
                  <rect
                    width="${share > 0 ? Math.max((share / most) * 100, 0.4) : 0}"
                    height="1"
                  />
                </svg>
              </td>
              <td class="mark">${mark}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div> `;
}

export function verdict(result: Result): Markup {
  if (result.verdict === "pass") {
    return html`<p class="verdict pass">
      <strong>Pass</strong>
      <span>${reasonOf(result)}</span>
    </p>`;
  }
  return html`<div class="verdict fail">
    <strong>Fail</strong>
    <ul>
      ${reasonsOf(result).map((reason) => html`<li>${reason}</li>`)}
    </ul>
  </div>`;
}

export function terms(texts: readonly string[]): Markup {
  return html`<p class="terms">
    ${texts.map(
      (text, index) =>
        html`<span>${text}${index < texts.length - 1 && " ·"}</span> `,
    )}
  </p>`;
}

export function warnings(
  title: string,
  texts: readonly string[],
): Markup | null {
  if (texts.length === 0) return null;
  return html`<section class="warnings">
    <h2>${title}</h2>
    <ul>
      ${texts.map((text) => html`<li>${text}</li>`)}
    </ul>
  </section> `;
}

/** Words that are not broken at a hyphen. */
function wordsOf(text: string): Markup[] {
  return text
    .split(" ")
    .map((word, index) => html`${index > 0 && " "}<span>${word}</span>`);
}

/** Commands to run again, each with a button that copies it. */
export function commands(texts: readonly string[]): Markup {
  return html`<section class="card">
    <h2>Run it again</h2>
    ${texts.map(
      (text, index) =>
        html`<div class="command">
          <pre id="command-${index}">${wordsOf(text)}</pre>
          <button
            type="button"
            data-copy="command-${index}"
            aria-live="polite"
            hidden
          >
            Copy
          </button>
        </div> `,
    )}
  </section> `;
}

export const NO_SCRIPT = html`<noscript
  ><p class="warnings">
    The charts need JavaScript. The tables say what they show.
  </p></noscript
> `;
