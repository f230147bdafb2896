import { printable } from "../../printable.ts";
import type { Table } from "../tables.ts";
import { type Paint, type Style, tabulated, wrap } from "./layout.ts";

const INDENT = "  ";

/** Narrower, no figure has room. Wider, bars only get longer. */
const NARROWEST = 20;
const WIDEST = 100;

/** A page of text as it grows: titled sections, tables and paragraphs. */
export class Sheet {
  private readonly lines: string[] = [];

  readonly width: number;

  /** @param screen how many characters are in a line of it */
  constructor(
    screen: number,
    private readonly paint: Paint,
  ) {
    this.width = Math.min(Math.max(screen, NARROWEST), WIDEST);
  }

  /** The width within a section. */
  get inner(): number {
    return this.width - INDENT.length;
  }

  add(lines: readonly string[]): void {
    this.lines.push(...lines);
  }

  text(text: string, style?: Style): void {
    for (const line of wrap(printable(text), this.width)) {
      this.lines.push(style === undefined ? line : this.paint(style, line));
    }
  }

  section(title: string, lines: readonly string[]): void {
    const titles = wrap(title, this.width);
    this.lines.push("", ...titles.map((line) => this.paint("bold", line)));
    for (const line of lines) this.lines.push(`${INDENT}${line}`.trimEnd());
  }

  table({ caption, head, align, rows, note }: Table): void {
    const cells = rows.map((row) => row.map(printable));
    const { heads, lines } = tabulated(head, cells, align, this.inner);
    if (heads !== undefined) lines.unshift(this.paint("dim", heads));
    if (note !== undefined) {
      const noted = wrap(note, this.inner);
      lines.push(...noted.map((line) => this.paint("dim", line)));
    }
    this.section(caption, lines);
  }

  list(title: string, items: readonly string[], style: Style): void {
    if (items.length === 0) return;
    const lines = items.flatMap((item) =>
      wrap(`! ${printable(item)}`, this.inner, 2),
    );
    this.section(
      title,
      lines.map((line) => this.paint(style, line)),
    );
  }

  verdict(verdict: "pass" | "fail", reason: string): void {
    const passed = verdict === "pass";
    const [first = "", ...rest] = wrap(
      `${passed ? "PASS" : "FAIL"}  ${printable(reason)}`,
      this.width,
      6,
    );
    const word = this.paint(passed ? "green" : "red", first.slice(0, 4));
    this.lines.push("", this.paint("bold", word) + first.slice(4), ...rest);
  }

  toString(): string {
    return `${this.lines.join("\n")}\n`;
  }
}
