import { formatDuration } from "../units.ts";
import type { Side } from "../socket/trace/event.ts";
import { wrap } from "../report/text/layout.ts";
import type { Arrow, Diagram, Gap, Row } from "./diagram.ts";
import { timeText } from "./labels.ts";

const MIDDLE = 26;
const EMPTY = `│${" ".repeat(MIDDLE - 3)}│`;
const CRACKED = `┊${" ".repeat(MIDDLE - 3)}┊`;
/** The time, and the blanks between columns. */
const MARGINS = 15;

/** The picture in characters, for a terminal or a mail. */
export function textOf(diagram: Diagram, width = 100): string {
  const { client, server, rows, spans, arrows, summary, notes } = diagram;
  const column = Math.max(Math.floor((width - MIDDLE - MARGINS) / 2), 16);
  const line = (time: string, left: string, between: string, right: string) =>
    `${time.padStart(11)}  ${cut(left, column).padStart(column)} ${between.padEnd(MIDDLE)} ${cut(right, column)}`.trimEnd();
  const drawn = [
    line("", `client ${client}`.trim(), "", `server ${server}`.trim()),
    ...rows.flatMap((row, index) => {
      const states = spans.filter(({ start }) => start === index);
      return rowLines(row, index, arrows, states.map(stateText), line);
    }),
  ];
  const said = [...summary, ...notes].flatMap((text) => wrap(text, width, 2));
  return `${[...drawn, "", ...said].join("\n")}\n`;
}

type Line = (
  time: string,
  left: string,
  between: string,
  right: string,
) => string;

function rowLines(
  { side, at, step, label, known, gap }: Row,
  index: number,
  arrows: readonly Arrow[],
  states: readonly { side: Side; text: string }[],
  line: Line,
): string[] {
  const number = step === undefined ? "" : `(${step}) `;
  const text = known ? number + label : `${number}${label}?`;
  const time = known ? timeText(at) : "";
  const starting = arrows.filter((one) => Math.ceil(one.start) === index);
  const [first, ...rest] = starting.map(arrowText);
  const [left, right] = side === "client" ? [text, ""] : ["", text];
  const lines = gap === undefined ? [] : gapLines(gap, line);
  lines.push(line(time, left, first ?? EMPTY, right));
  for (const arrow of rest) lines.push(line("", "", arrow, ""));
  for (const { side: whose, text: state } of states) {
    const [one, other] = whose === "client" ? [state, ""] : ["", state];
    lines.push(line("", one, EMPTY, other));
  }
  return lines;
}

function gapLines(gap: Gap, line: Line): string[] {
  const blank = line("", "", CRACKED, "");
  if (gap.kind === "left") {
    const left = `${gap.steps} steps are left out`;
    return [blank, line("", "", `┊${centred(left)}┊`, ""), blank];
  }
  const middle = `┊${centred(formatDuration(gap.ms))}┊`;
  if (!gap.blocked) return [blank, line("", "", middle, ""), blank];
  return [
    blank,
    line("", "", middle, "a thread would be blocked;"),
    line("", "", CRACKED, "an event loop serves others"),
  ];
}

function centred(text: string): string {
  const room = MIDDLE - 3;
  return text.padStart(Math.floor((room + text.length) / 2)).padEnd(room);
}

function stateText({ side, state, known }: Diagram["spans"][number]) {
  return { side, text: known ? `[${state}]` : `[${state}]?` };
}

function arrowText({ from, label, known, kind }: Arrow): string {
  const room = MIDDLE - 5;
  const text = ` ${cut(label, room - 4)} `;
  const shaft = known ? "─" : "╌";
  const drawn = text
    .padStart(Math.floor((room + text.length) / 2), shaft)
    .padEnd(room, shaft);
  const tip = kind === "rst" ? "✗" : from === "client" ? "▶" : "◀";
  return from === "client"
    ? `│${drawn}${shaft}${tip}│`
    : `│${tip}${shaft}${drawn}│`;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
