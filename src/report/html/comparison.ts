import type { Compared, Comparison } from "../../result/compare.ts";
import type { NamedResult } from "../../result/result.ts";
import {
  card,
  commands,
  figures,
  NO_SCRIPT,
  terms,
  warnings,
} from "./blocks.ts";
import { aboutComparison, changeRows, summaryOf } from "../changes.ts";
import { latencyChart, throughputChart } from "../charts/over-time.ts";
import { searchChart } from "../charts/search.ts";
import { spectrumChart } from "../charts/spectrum.ts";
import { documentOf } from "./document.ts";
import { html, type Markup } from "./markup.ts";
import { shortNames } from "../names.ts";
import { runTable } from "../tables.ts";
import { originOf, termsOf, titleOf } from "../terms.ts";

/** A comparison as one HTML file. */
export function htmlComparison(comparison: Comparison): string {
  const { base, others } = comparison;
  const runs = [base, ...others];
  const charts = [
    searchChart(runs),
    throughputChart(runs),
    latencyChart(runs),
    spectrumChart(
      runs.map(({ name, result }) => ({
        label: name,
        ...result.latency,
      })),
    ),
  ].filter((chart) => chart !== null);
  const names = others.map(titleOf).join(", ");
  return documentOf({
    title: `${names} against ${titleOf(base)}`,
    kind: "comparison",
    header: html`<h1>${names} against ${titleOf(base)}</h1>
      ${terms([base.result.target, ...termsOf(base.result), ...originOf(base.result)])}`,
    main: [
      ...others.flatMap((other) => [
        changes(base, other),
        warnings(
          `Not the same in ${base.name} and ${other.name}`,
          other.differs,
        ),
      ]),
      html`<p class="about">${aboutComparison(comparison)}</p> `,
      NO_SCRIPT,
      figures(charts, card(runTable("Runs", runs))),
      commands([
        ...new Set(runs.flatMap(({ result }) => result.command.split("\n"))),
      ]),
    ],
    charts,
  });
}

const CLASSES: Record<string, string> = { better: "better", worse: "worse" };

function changes(base: NamedResult, other: Compared): Markup {
  const [before, after] = shortNames([base.name, other.name]);
  const title = `${titleOf(other)} against ${titleOf(base)}`;
  return html`<section class="card">
    <h2>${titleOf(other)}</h2>
    <p>${summaryOf(other)}</p>
    <div class="scroll" role="region" aria-label="${title}" tabindex="0">
      <table class="compared">
        <caption class="unseen">
          ${title}
        </caption>
        <thead>
          <tr>
            <td></td>
            <th scope="col" class="right" title="${base.name}">${before!}</th>
            <th scope="col" class="right" title="${other.name}">${after!}</th>
            <th scope="col" class="right">change</th>
          </tr>
        </thead>
        <tbody>
          ${changeRows(other).map(
            (row) =>
              html`<tr>
                <th scope="row">${row.measure}</th>
                <td class="right">
                  ${row.base}<small>${row.baseInterval}</small>
                </td>
                <td class="right">
                  ${row.other}<small>${row.otherInterval}</small>
                </td>
                <td class="right">
                  ${row.change}<small class="${CLASSES[row.verdict] ?? ""}"
                    >${row.verdict}</small
                  >
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section> `;
}
