import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "text" };

import theme from "../../assets/theme.css" with { type: "text" };
import type { Chart } from "../charts/chart.ts";
import chartStyle from "../charts/charts.css" with { type: "text" };
import script from "../charts/charts.browser.js" with { type: "text" };
import { html, json, Markup } from "./markup.ts";
import reportStyle from "./report.css" with { type: "text" };
import tableStyle from "./tables.css" with { type: "text" };

const STYLES = [theme, reportStyle, tableStyle];
const CHART_STYLES = [uplotStyle, chartStyle];

/** To the byte: the page's policy knows it by its hash. */
function verbatim(element: "style" | "script", text: string): Markup {
  return new Markup(`<${element}>${text}</${element}>`);
}

/** Lets the page run and show its own scripts and style, and fetch nothing. */
function policy(style: string, scripts: readonly string[]): string {
  const hash = (text: string) =>
    `'sha256-${new Bun.CryptoHasher("sha256").update(text).digest("base64")}'`;
  return (
    "default-src 'none'; " +
    `script-src ${scripts.map(hash).join(" ") || "'none'"}; ` +
    `style-src ${hash(style)}; ` +
    "img-src data:; base-uri 'none'; form-action 'none'"
  );
}

const LOGO = html`<svg
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  aria-hidden="true"
>
  <circle cx="5" cy="12" r="1.5" fill="currentColor" stroke="none" />
  <path d="M10 8a6 6 0 0 1 0 8M14 5a10 10 0 0 1 0 14M18 2a14 14 0 0 1 0 20" />
</svg>`;

export interface HtmlDocument {
  title: string;
  /** What it is, above the title. */
  kind: string;
  header: Markup;
  main: readonly (Markup | null)[];
  charts: readonly Chart[];
  /** What only this kind of page looks like. */
  style?: string;
}

/** A report as one file: whatever it needs is in it. */
export function documentOf(document: HtmlDocument): string {
  const { title, kind, header, main, charts, style = "" } = document;
  const hasCharts = charts.length > 0;
  const all = [...STYLES, ...(hasCharts ? CHART_STYLES : []), style].join("\n");
  const scripts = hasCharts ? [uplot, script] : [];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="${policy(all, scripts)}"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${verbatim("style", all)}
      </head>
      <body>
        <header>
          <p class="brand">${LOGO}<span>Sounder · ${kind}</span></p>
          ${header}
        </header>
        <main>${main}</main>
        <footer>
          Made by sounder. All that this page shows is in this file.
        </footer>
        ${
          hasCharts &&
          html`<script type="application/json" id="charts">
            ${json(charts)}
          </script>`
        }
        ${scripts.map((text) => verbatim("script", text))}
      </body>
    </html> `.text;
}
