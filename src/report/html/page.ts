import type { NamedResult, Result } from "../../result/result.ts";
import { alignedSeries } from "../../result/series.ts";
import {
  commands,
  distribution,
  figures,
  NO_SCRIPT,
  table,
  tables,
  terms,
  verdict,
  warnings,
} from "./blocks.ts";
import type { Chart } from "../charts/chart.ts";
import { latencyChart, throughputChart } from "../charts/over-time.ts";
import { searchChart } from "../charts/search.ts";
import { spectrumChart } from "../charts/spectrum.ts";
import { documentOf } from "./document.ts";
import { html, type Markup } from "./markup.ts";
import { formatByteRate, formatRate, formatTimes } from "../numbers.ts";
import { formatCount } from "../../units.ts";
import { errorTable, failureTable, faultTable } from "../error-tables.ts";
import {
  goalTable,
  percentileTable,
  phaseTable,
  rateTold,
  runTable,
  searchTable,
  secondTable,
  summaryTable,
} from "../tables.ts";
import { originOf, termsOf } from "../terms.ts";
import { errorCount } from "../verdict.ts";

/** A result as one HTML file. @param parts those it was merged from */
export function htmlReport(
  result: Result,
  parts: readonly NamedResult[] = [],
): string {
  const { target, command } = result;
  const charts = chartsOf(result, parts);
  const merged = parts.length > 1;
  return documentOf({
    title: `${result.label ? `${result.label}: ` : ""}${target}: ${rateTold(result)} (${result.verdict})`,
    kind: merged ? `load from ${parts.length} machines` : "load",
    header: html`<h1>${target}</h1>
      ${terms([...termsOf(result), ...originOf(result)])} ${verdict(result)}`,
    main: [
      headline(result),
      warnings("Warnings", result.warnings),
      NO_SCRIPT,
      figures(charts, distribution(result.latency)),
      tables([
        percentileTable(result),
        summaryTable(result),
        ...(merged ? [runTable("Machines", parts)] : []),
        goalTable(result),
        searchTable(result),
        phaseTable(result),
        errorTable(result),
        failureTable(result),
        faultTable(result),
      ]),
      commands(command.split("\n")),
      seconds(result),
    ],
    charts,
  });
}

function chartsOf(result: Result, parts: readonly NamedResult[]): Chart[] {
  const alone = [{ name: result.target, result }];
  const latency = { label: "latency", ...result.latency };
  const service = { label: "service", ...result.service, dashed: true };
  return [
    searchChart(alone),
    throughputChart(alone),
    // Percentiles of seconds can't be merged: each machine's own are shown.
    latencyChart(parts.length > 1 ? aligned(parts) : alone, result.goals),
    spectrumChart(
      result.rate.planned === null ? [latency] : [latency, service],
      result.goals,
    ),
  ].filter((chart) => chart !== null);
}

/** Results whose seconds are numbered as those of their merge are. */
function aligned(parts: readonly NamedResult[]): NamedResult[] {
  const series = alignedSeries(parts.map(({ result }) => result));
  return parts.map(({ name, result }, index) => ({
    name,
    result: { ...result, series: series[index]! },
  }));
}

function headline(result: Result): Markup {
  const { rate, latency, messages } = result;
  const errors = errorCount(result);
  const [p50, p99, p999, slowest] = formatTimes([
    latency.p50,
    latency.p99,
    latency.p999,
    latency.max,
  ]) as [string, string, string, string];
  const planned =
    rate.planned === null ? "" : `of ${formatRate(rate.planned)}, `;
  return html`<section>
    <dl class="figures">
      ${[
        tile("Rate", rateTold(result), planned + formatByteRate(rate.bytes)),
        tile("p50", p50, "half took longer"),
        tile("p99", p99, "1 in 100 took longer"),
        tile("p99.9", p999, "1 in 1,000 took longer"),
        tile(
          "Slowest",
          slowest,
          latency.unanswered
            ? `${formatCount(latency.unanswered)} never came`
            : `of ${formatCount(latency.count)}`,
        ),
        tile(
          "Errors",
          formatCount(errors),
          `${formatCount(messages.unanswered)} unanswered`,
          errors > 0 ? "missed" : "",
        ),
      ]}
    </dl>
  </section> `;
}

function tile(name: string, value: string, about: string, kind = ""): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd class="${kind}">${value}<small>${about}</small></dd>
  </div> `;
}

/** Longer runs have their seconds in the charts, and in the JSON. */
const MOST_SECONDS = 3600;

function seconds(result: Result): Markup | null {
  const { length } = result.series;
  if (length === 0 || length > MOST_SECONDS) return null;
  return html`<section class="card">
    <details>
      <summary>Every second</summary>
      ${table(secondTable(result))}
    </details>
  </section> `;
}
