import {
  type Paint,
  paintOf,
  type Style,
  wrap,
} from "../report/text/layout.ts";
import { Sheet } from "../report/text/sheet.ts";
import { printable } from "../printable.ts";
import { formatDuration, plural } from "../units.ts";
import type { NamedFinding, Rating } from "./finding.ts";
import type { CheckResult } from "./result.ts";
import { summary } from "./summary.ts";

export const MARKS: Readonly<Record<Rating, string>> = {
  fine: "✓",
  notable: "!",
  harmful: "✗",
  unknown: "?",
};
const STYLES: Readonly<Record<Rating, Style>> = {
  fine: "green",
  notable: "yellow",
  harmful: "red",
  unknown: "dim",
};

export interface PageOptions {
  width: number;
  colour: boolean;
}

/** Characters of a line below which a name stands above its words. */
const NARROW = 44;

/** What was found, for people. */
export function checkPage(
  result: CheckResult,
  { width, colour }: PageOptions,
): string {
  const paint = paintOf(colour);
  const sheet = new Sheet(width, paint);
  const { checks, expectations, warnings } = result;
  sheet.text(result.target, "bold");
  sheet.text(aboutText(result));
  sheet.add(["", ...checks.flatMap((one) => lines(one, sheet.width, paint))]);
  if (expectations.length > 0) {
    sheet.table({
      caption: "Expected",
      align: "lll",
      rows: expectations.map(({ expected, met, found }) => [
        met === true ? "✓" : met === false ? "✗" : "?",
        expected,
        found,
      ]),
    });
  }
  sheet.list("Warnings", warnings, "yellow");
  const { verdict } = result;
  if (verdict === "interrupted") {
    sheet.add([""]);
    sheet.text(summary(result), "bold");
  } else {
    sheet.verdict(verdict, summary(result));
  }
  return sheet.toString();
}

export function aboutText({ server, seconds }: CheckResult): string {
  const { cooperates, reply, instances } = server;
  if (reply === null && !cooperates) {
    return `not examined · ${formatDuration(seconds * 1000)}`;
  }
  const who = cooperates
    ? `the server cooperates (${plural(instances.length, "instance")})`
    : "seen from this end alone: the server does not cooperate";
  const what = reply === null ? "" : `answers ${reply} · `;
  return `${what}${who} · ${formatDuration(seconds * 1000)}`;
}

/** One check: its mark, name and status, then what was seen and what it means. */
function lines(finding: NamedFinding, width: number, paint: Paint): string[] {
  const { rating, name, status, text, means } = finding;
  const mark = paint(STYLES[rating], MARKS[rating]);
  const head = `${name.padEnd(NAME)}  `;
  const room = width < NARROW ? 2 : 2 + head.length;
  const meaning = wrap(`→ ${printable(means)}`, width - room, 2);
  const shown = [
    ...wrap(sentence(printable(status), text), width - room),
    ...meaning.map((line) => paint("dim", line)),
  ];
  const indent = " ".repeat(room);
  if (width < NARROW) {
    return [
      `${mark} ${paint("bold", name)}`,
      ...shown.map((line) => indent + line),
    ];
  }
  const [first = "", ...rest] = shown;
  return [
    `${mark} ${paint("bold", head)}${first}`,
    ...rest.map((line) => indent + line),
  ];
}

/** The longest name, `reset-to-client`. */
const NAME = 15;

function sentence(status: string, text: string): string {
  return `${status}: ${printable(text)}`;
}

/** A line about a check, as soon as it is finished. */
export function findingLine(
  { rating, name, status, text }: NamedFinding,
  colour: boolean,
): string {
  const paint = paintOf(colour);
  const mark = paint(STYLES[rating], MARKS[rating]);
  return `${mark} ${name.padEnd(NAME)}  ${printable(status)}: ${printable(text)}`;
}
