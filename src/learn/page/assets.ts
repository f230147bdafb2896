// They are modules to a browser, and text here.
/* oxlint-disable import/default */
import { ICON } from "../../admin/page/assets.ts";
import theme from "../../assets/theme.css" with { type: "text" };
import style from "./learn.css" with { type: "text" };
import page from "./learn.browser.js" with { type: "text" };
import words from "./words.browser.js" with { type: "text" };

const SCRIPT = "text/javascript; charset=utf-8";

/** All that the page asks for; it is in the executable. */
export const ASSETS = [
  {
    path: "/style.css",
    content: `${theme}\n${style}`,
    type: "text/css; charset=utf-8",
  },
  { path: "/icon.svg", content: ICON, type: "image/svg+xml" },
  { path: "/learn.browser.js", content: page, type: SCRIPT },
  { path: "/words.browser.js", content: words, type: SCRIPT },
];
