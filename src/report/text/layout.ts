/** What a page of text is laid out with. */
import { highest } from "../../result/aggregates.ts";

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof CODES;

/** Gives a text its style, or leaves it plain. */
export type Paint = (style: Style, text: string) => string;

export function paintOf(colour: boolean): Paint {
  if (!colour) return (_, text) => text;
  return (style, text) => {
    const [on, off] = CODES[style];
    return text === "" ? "" : `\x1b[${on}m${text}\x1b[${off}m`;
  };
}

/** Eighths of a character's width. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of a share of a width; anything above 0 shows. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(share, 1) * width * 8);
  if (eighths === 0) return share > 0 ? EIGHTHS[1]! : "";
  return "█".repeat(eighths >> 3) + EIGHTHS[eighths & 7]!;
}

const LEVELS = "▁▂▃▄▅▆▇█";

/** A sparkline's character for an infinite value. */
export const BEYOND = "×";

/** A character a value, all of them on a scale from 0; a blank for null. */
export function sparkline(values: readonly (number | null)[]): string {
  const most = highest(
    values.map((value) => (value === Infinity ? 0 : (value ?? 0))),
  );
  return values
    .map((value) => {
      if (value === null) return " ";
      if (value === Infinity) return BEYOND;
      const level = most > 0 ? Math.ceil((value / most) * 8) - 1 : 0;
      return LEVELS[Math.max(level, 0)];
    })
    .join("");
}

/** `"l"` or `"r"` for each column. */
export type Align = string;

/** In characters: no column is wrapped to less. */
const NARROWEST = 12;

/** Cells in columns, two blanks apart; a last one of words is wrapped. */
export function columns(
  rows: readonly (readonly string[])[],
  align: Align,
  width = Infinity,
): string[] {
  const widths = [...align].map((_, column) =>
    highest(
      rows.map((row) => Bun.stringWidth(row[column] ?? "")),
      0,
    ),
  );
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + 2, 0);
  const room = align.endsWith("l")
    ? Math.max(width - before, NARROWEST)
    : Infinity;
  return rows
    .flatMap((row) => {
      const padded = row.slice(0, -1).map((cell, column) => {
        const blanks = " ".repeat(widths[column]! - Bun.stringWidth(cell));
        return `${align[column] === "r" ? blanks + cell : cell + blanks}  `;
      });
      const last = row.at(-1) ?? "";
      if (align.endsWith("r"))
        padded.push(" ".repeat(widths.at(-1)! - Bun.stringWidth(last)));
      const [first = "", ...rest] = wrap(last, room);
      const start = " ".repeat(before);
      return [padded.join("") + first, ...rest.map((line) => start + line)];
    })
    .map((line) => line.trimEnd());
}

/**
 * Rows as columns under their heads; where these are too wide, each row's cells
 * one beneath the other, each beside its head.
 */
export function tabulated(
  head: readonly string[] | undefined,
  rows: readonly (readonly string[])[],
  align: Align,
  width: number,
): { heads?: string; lines: string[] } {
  const all = head === undefined ? rows : [head, ...rows];
  const lines = columns(all, align, width);
  if (lines.every((line) => Bun.stringWidth(line) <= width)) {
    if (head === undefined) return { lines };
    const [heads = "", ...rest] = lines;
    return { heads, lines: rest };
  }
  return { lines: rows.flatMap((row) => stacked(head, row, width)) };
}

const INDENT = 2;

/** A row's cells one beneath the other, each beside its head. */
export function stacked(
  head: readonly string[] = [],
  [name = "", ...cells]: readonly string[],
  width: number,
): string[] {
  const beneath = cells.flatMap((cell, index) => {
    if (cell === "") return [];
    const text = [head[index + 1], cell].filter(Boolean).join("  ");
    return wrap(text, width - INDENT, INDENT);
  });
  return [
    ...(name === "" ? [] : wrap(name, width)),
    ...beneath.map((line) => " ".repeat(INDENT) + line),
  ];
}

/**
 * A text in lines of at most a width, all but the first of them indented. They
 * end at blanks; at a no-break space, or within a word, only where it would not
 * fit a line by itself. No-break spaces become blanks.
 * @param hang by how many blanks
 */
export function wrap(text: string, width: number, hang = 0): string[] {
  const lines: string[] = [];
  let line = "";
  const words = text.split(" ").flatMap((word) => pieces(word, width - hang));
  for (const word of words) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line.trim() !== "" && Bun.stringWidth(longer) > width) {
      lines.push(line);
      line = " ".repeat(hang) + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map((one) => one.replaceAll("\u00a0", " "));
}

/** A word, in pieces that are each within a width. */
function pieces(word: string, most: number): string[] {
  if (Bun.stringWidth(word) <= most) return [word];
  const parts = word.split("\u00a0");
  if (parts.length > 1) return parts.flatMap((part) => pieces(part, most));
  const cut: string[] = [""];
  for (const character of word) {
    const longer = cut.at(-1)! + character;
    if (Bun.stringWidth(longer) <= most) cut[cut.length - 1] = longer;
    else cut.push(character);
  }
  return cut;
}
