// They are modules to a browser, and text here.
/* oxlint-disable import/default */
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "text" };

import theme from "../../assets/theme.css" with { type: "text" };
import attention from "./attention.browser.js" with { type: "text" };
import charts from "./charts.browser.js" with { type: "text" };
import figures from "./figures.browser.js" with { type: "text" };
import format from "./format.browser.js" with { type: "text" };
import history from "./history.browser.js" with { type: "text" };
import meter from "./meter.browser.js" with { type: "text" };
import style from "./page.css" with { type: "text" };
import page from "./page.browser.js" with { type: "text" };
import peers from "./peers.browser.js" with { type: "text" };
import stream from "./stream.browser.js" with { type: "text" };

const CSS = "text/css; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";

/** The family's, in a browser's tab. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#1a9cb3" stroke-width="2" stroke-linecap="round"><circle cx="5" cy="12" r="1.5" fill="#1a9cb3" stroke="none"/><path d="M10 8a6 6 0 0 1 0 8M14 5a10 10 0 0 1 0 14M18 2a14 14 0 0 1 0 20"/></svg>`;

/** All that the page asks for; it is in the executable. */
export const assets = [
  { path: "/icon.svg", content: ICON, type: "image/svg+xml" },
  {
    path: "/style.css",
    content: `${uplotStyle}\n${theme}\n${style}`,
    type: CSS,
  },
  { path: "/uplot.js", content: uplot, type: SCRIPT },
  { path: "/attention.browser.js", content: attention, type: SCRIPT },
  { path: "/charts.browser.js", content: charts, type: SCRIPT },
  { path: "/figures.browser.js", content: figures, type: SCRIPT },
  { path: "/format.browser.js", content: format, type: SCRIPT },
  { path: "/history.browser.js", content: history, type: SCRIPT },
  { path: "/meter.browser.js", content: meter, type: SCRIPT },
  { path: "/page.browser.js", content: page, type: SCRIPT },
  { path: "/peers.browser.js", content: peers, type: SCRIPT },
  { path: "/stream.browser.js", content: stream, type: SCRIPT },
];
