/** Any lines. */
const GAP = "…";

const MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";
const DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun";

/** What differs from run to run, and a word for it. */
const MASKS: [RegExp, string][] = [
  [/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?: ?UTC|Z)?/g, "DATE"],
  [
    new RegExp(
      `(?:${DAYS}) (?:${MONTHS}) [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}`,
      "g",
    ),
    "DATE",
  ],
  [/\b\d\d:\d\d:\d\d\b/g, "TIME"],
  [/(?:[\dA-F]{2}:){31}[\dA-F]{2}/g, "SHA-256"],
  [/"time":\d+/g, '"time":TIME'],
  [/"ms":\d+/g, '"ms":TIME'],
  [/"(instance|host)":"[^"]*"/g, '"$1":"NAME"'],
  [/(?:\d[\d.,]*|<\d[\d.,]*) ?[kMGT]?i?B\/s/g, "SPEED"],
  [/\+?\d[\d.,]* ?(?:ns|µs|ms|milliseconds|s|min|m|h)\b/g, "DURATION"],
  [/\b\d+m[\d.]+s\b/g, "DURATION"],
  [/(127\.0\.0\.1|localhost|\[::1?\])([: ])\d{4,5}\b/g, "$1$2PORT"],
  [/([: ])(?:8\d{3}|9090|21567|[3-6]\d{4})\b/g, "$1PORT"],
  [/[ \t]+/g, " "],
];

/** @param anyFigures numbers count for nothing, nor do bars */
export function masked(line: string, anyFigures: boolean): string {
  let text = line;
  for (const [pattern, word] of MASKS) text = text.replace(pattern, word);
  if (anyFigures) {
    text = text
      .replace(/[▏▎▍▌▋▊▉█▁▂▃▄▅▆▇×]+/g, "")
      .replace(/\d[\d.,]*( ?[kMG]i?B| %)?/g, "N")
      .replace(/(N|DURATION|SPEED)( N| DURATION)*/g, "N")
      .replace(/ +/g, " ");
  }
  return text.trim();
}

/**
 * The first line that was shown and not printed; undefined where all were.
 * @param shown in a page: `…` stands for any lines
 * @param within other lines may be among what was printed
 */
export function firstMissing(
  shown: readonly string[],
  printed: readonly string[],
  within: boolean,
): string | undefined {
  let at = 0;
  let gap = within;
  for (const line of shown) {
    if (line === GAP) {
      gap = true;
      continue;
    }
    const found = gap
      ? printed.indexOf(line, at)
      : printed[at] === line
        ? at
        : -1;
    if (found < 0) return line;
    at = found + 1;
    gap = within;
  }
  if (!gap && at < printed.length) return `nothing behind: ${printed[at]}`;
  return undefined;
}
