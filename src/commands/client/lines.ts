import { printableLines } from "../../printable.ts";

/** Milliseconds that an answer without a newline waits for more before it is printed. */
const LINE_WAIT = 50;
/** How long it may be: an answer need not have a newline at all. */
const LONGEST_LINE = 64 * 1024;

/**
 * Makes lines of chunks: TCP may split an answer anywhere. What has no newline
 * is taken for whole when nothing follows for a moment.
 */
export class AnswerLines {
  private readonly decoder = new TextDecoder();
  private rest = "";
  private timer: Timer | undefined;

  /** @param show prints what is safe to print and has no newline at its end */
  constructor(private readonly show: (text: string) => void) {}

  add(chunk: Uint8Array): void {
    const text = this.rest + this.decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf("\n");
    if (end >= 0) this.show(printableLines(text.slice(0, end)));
    this.rest = text.slice(end + 1);
    clearTimeout(this.timer);
    if (this.rest.length >= LONGEST_LINE) this.flush();
    else this.timer = setTimeout(() => this.flush(), LINE_WAIT);
  }

  /** Shows what is left; nothing follows. */
  end(): void {
    clearTimeout(this.timer);
    this.rest += this.decoder.decode();
    this.flush();
  }

  private flush(): void {
    if (this.rest !== "") this.show(printableLines(this.rest));
    this.rest = "";
  }
}
