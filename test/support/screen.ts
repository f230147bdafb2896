/**
 * What a person sees of what a program prints: the cursor movements, erasures
 * and line wraps of a terminal that is endless downwards.
 */
export class Screen {
  private readonly rows: string[][] = [[]];
  private row = 0;
  private column = 0;
  private unread = "";

  constructor(private readonly columns: number) {}

  /** The rows, without blanks at their ends. */
  get lines(): string[] {
    return this.rows.map((row) => row.join("").trimEnd());
  }

  /** Where the next character goes. */
  get cursor(): { row: number; column: number } {
    return { row: this.row, column: this.column };
  }

  write(text: string): void {
    this.unread += text;
    while (this.unread !== "") {
      // A control sequence, a part of one at the end, or one character.
      const [token, count, verb] =
        // oxlint-disable-next-line no-control-regex
        /^\u001b(?:\[(?:([\d;?]*)([A-Za-z]))?)?/.exec(this.unread) ??
        /^[^]/u.exec(this.unread)!;
      if (token.startsWith("\u001b") && verb === undefined) return;
      this.unread = this.unread.slice(token.length);
      if (verb === undefined) this.put(token);
      else this.control(verb, count!);
    }
  }

  private put(character: string): void {
    if (character === "\r") this.column = 0;
    else if (character === "\n") this.row += 1;
    else if (character === "\b") this.column = Math.max(this.column - 1, 0);
    else if (character >= " ") {
      if (this.column === this.columns) {
        this.row += 1;
        this.column = 0;
      }
      this.current()[this.column] = character;
      this.column += 1;
    }
    this.current();
  }

  private control(verb: string, digits: string): void {
    const count = Number.parseInt(digits) || 0;
    const steps = count || 1;
    if (verb === "A") this.row = Math.max(this.row - steps, 0);
    else if (verb === "B") this.row += steps;
    else if (verb === "C") this.column += steps;
    else if (verb === "D") this.column = Math.max(this.column - steps, 0);
    else if (verb === "G") this.column = steps - 1;
    else if (verb === "K") this.eraseLine(count);
    else if (verb === "J" && count === 0) {
      this.eraseLine(0);
      this.rows.length = this.row + 1;
    } else if (verb !== "m" && verb !== "h" && verb !== "l") {
      throw new Error(`this screen has no CSI ${digits}${verb}`);
    }
    this.current();
  }

  private eraseLine(what: number): void {
    const row = this.current();
    if (what === 0) row.length = Math.min(row.length, this.column);
    else row.fill(" ", 0, what === 1 ? this.column + 1 : undefined);
  }

  private current(): string[] {
    while (this.rows.length <= this.row) this.rows.push([]);
    const row = this.rows[this.row]!;
    while (row.length < this.column) row.push(" ");
    return row;
  }
}
