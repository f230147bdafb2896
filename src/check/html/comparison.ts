import { documentOf } from "../../report/html/document.ts";
import { html, type Markup } from "../../report/html/markup.ts";
import { changedText, type Difference, WORDS } from "../compare.ts";
import type { CheckComparison } from "../comparison.ts";

/** What changed, as one HTML file. */
export function htmlCheckComparison({ base, others }: CheckComparison): string {
  const names = others.map(({ name }) => name).join(", ");
  const title = `${names} against ${base.name}`;
  return documentOf({
    title,
    kind: "comparison",
    header: html`<h1>${title}</h1>
      <p class="terms">${base.result.target} · ${base.result.started}</p>`,
    main: others.map(
      ({ name, changes, differs }) =>
        html`<section class="card">
          <h2>${name}</h2>
          <p>${changedText(changes)}</p>
          ${
            differs.length > 0 &&
            html`<p class="about">Not the same: ${differs.join("; ")}</p>`
          }
          ${table(`${name} against ${base.name}`, changes)}
        </section>`,
    ),
    charts: [],
  });
}

function table(title: string, changes: readonly Difference[]): Markup {
  return html`<div
    class="scroll"
    role="region"
    aria-label="${title}"
    tabindex="0"
  >
    <table class="compared">
      <caption class="unseen">
        ${title}
      </caption>
      <thead>
        <tr>
          <td></td>
          <th scope="col">before</th>
          <th scope="col">after</th>
          <th scope="col">change</th>
        </tr>
      </thead>
      <tbody>
        ${changes.map(
          ({ name, from, to, change }) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${from}</td>
              <td>${to}</td>
              <td>
                <small class="${change}"
                  >${change === "none" ? "same" : WORDS[change]}</small
                >
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
