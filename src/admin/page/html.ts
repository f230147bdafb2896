import { printable } from "../../printable.ts";
import { type FigureView, figures } from "./figures.ts";

/** The page as it is before its scripts fill it. */
export function pageOf(of: { title: string; version: string }): string {
  const title = Bun.escapeHTML(printable(of.title));
  const version = Bun.escapeHTML(of.version);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
<script src="/uplot.js" defer></script>
<script src="/page.browser.js" type="module"></script>
</head>
<body>
<header>
<p class="brand"><img src="/icon.svg" alt="" width="20" height="20"><span>Sounder ${version} · server</span></p>
<h1>${title}</h1>
<p class="state" data-state="connecting"><strong role="status">Connecting…</strong> <span></span></p>
<noscript><p>The page needs JavaScript. Its figures are in <a href="/metrics">/metrics</a>, too.</p></noscript>
</header>
<main>
<dl id="figures">
${figures.map(boxOf).join("\n")}
</dl>
<section class="charts">
<div class="card"><h2>Throughput</h2><div id="throughput"></div></div>
<div class="card"><h2>Connections</h2><div id="connections"></div></div>
</section>
<section class="card">
<div class="head">
<h2>Who is connected</h2>
<input type="search" id="search" aria-label="Search by address" placeholder="Search by address" maxlength="100" autocomplete="off" autocapitalize="off" spellcheck="false">
</div>
<p class="about" id="found"></p>
<table id="peers" aria-label="Who is connected"></table>
<button type="button" id="more" hidden>Show more</button>
</section>
</main>
<footer>Updated once a second. Read only. <a href="/metrics">Metrics</a></footer>
</body>
</html>
`;
}

/** A figure's place, and for the script that fills it, what belongs there. */
function boxOf(figure: FigureView): string {
  const view = Bun.escapeHTML(JSON.stringify(figure));
  const name = Bun.escapeHTML(figure.name);
  return `<div data-figure="${view}"><dt>${name}</dt><dd></dd><dd></dd></div>`;
}
