import type { Check } from "../../check/checks/check.ts";
import type { NamedFinding } from "../../check/finding.ts";
import { findingLine } from "../../check/page.ts";
import type { Watcher } from "../../check/run.ts";
import { paintOf } from "../../report/text/layout.ts";
import { printable } from "../../printable.ts";
import { Redrawn } from "../shared/redrawn.ts";
import { type Screen } from "../shared/screen.ts";

const REDRAW_EVERY = 200;

/** Shows somebody at a terminal how the list fills in; others see nothing. */
export class Live implements Watcher, AsyncDisposable {
  private readonly lines = Redrawn.atTerminal();
  private readonly timer: Timer | undefined;
  private checks: readonly Check[] = [];
  private readonly running = new Map<Check, string>();
  private readonly done = new Map<string, NamedFinding>();
  private readonly since = performance.now();

  constructor(private readonly target: string) {
    if (this.lines) this.timer = setInterval(() => this.draw(), REDRAW_EVERY);
  }

  planned(checks: readonly Check[]): void {
    this.checks = checks;
    this.draw();
  }
  began(check: Check): void {
    this.running.set(check, "");
    this.draw();
  }
  progress(check: Check, text: string): void {
    this.running.set(check, text);
  }
  found(finding: NamedFinding): void {
    this.done.set(finding.name, finding);
    this.draw();
  }

  private draw(): void {
    this.lines?.draw((screen) => [
      fitting(this.head(), screen.columns - 1),
      ...this.checks.map((check) => this.line(check, screen)),
    ]);
  }

  private head(): string {
    const seconds = Math.floor((performance.now() - this.since) / 1000);
    return `Examining ${printable(this.target)}, ${seconds} s; Ctrl-C ends it.`;
  }

  private line(check: Check, { columns }: Screen): string {
    const finding = this.done.get(check.name);
    if (finding !== undefined) {
      const line = fitting(findingLine(finding, false), columns - 1);
      return painted(line, findingLine(finding, true));
    }
    const progress = this.running.get(check);
    const dim = (text: string) => paintOf(true)("dim", text);
    if (progress === undefined) return dim(`  ${check.name}`);
    const text = `· ${check.name.padEnd(15)}  ${printable(progress) || "…"}`;
    return fitting(text, columns - 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer);
    await this.lines?.[Symbol.asyncDispose]();
  }
}

/** Columns below which names are not set in a column of their own. */
const NARROW = 44;

/** As much of a line as there is room for: what follows is in the table. */
function fitting(line: string, columns: number): string {
  const text = columns < NARROW ? line.replace(/ {2,}/g, " ") : line;
  if (Bun.stringWidth(text) <= columns) return text;
  const characters = [...text];
  while (Bun.stringWidth(characters.join("")) > columns - 1) characters.pop();
  return `${characters.join("")}…`;
}

/** A line with the colour of its mark. */
function painted(line: string, whole: string): string {
  const mark = whole.slice(0, whole.indexOf(" "));
  return mark + line.slice(1);
}
