import { printable } from "../printable.ts";
import type { Table } from "./tables.ts";
import { columns, type Paint, type Style, wrap } from "./text.ts";

const INDENT = "  ";

/** A page of text as it grows: titled sections, tables and paragraphs. */
export class Sheet {
  private readonly lines: string[] = [];

  constructor(
    readonly width: number,
    private readonly paint: Paint,
  ) {}

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
    this.lines.push("", this.paint("bold", title));
    for (const line of lines) this.lines.push(`${INDENT}${line}`.trimEnd());
  }

  table({ caption, head, align, rows, note }: Table): void {
    const cells = rows.map((row) => row.map(printable));
    const lines = columns(
      head === undefined ? cells : [head, ...cells],
      align,
      this.inner,
    );
    if (head !== undefined) lines[0] = this.paint("dim", lines[0]!);
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
