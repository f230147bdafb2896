import { printable } from "../../printable.ts";
import { parseCount, parseDuration, parseSize } from "../../units.ts";

/** A fault that is none: where in its text, in one line. */
export class FaultError extends RangeError {
  override name = "FaultError";

  /** @param column of `text`, from 1 */
  constructor(
    readonly text: string,
    readonly column: number,
    readonly why: string,
  ) {
    super(printable(`fault ${quote(text)}, at column ${column}: ${why}`));
  }
}

/** Longer than any fault that is meant so. */
const LONGEST = 200;

/** In double quotes, on one line, whatever is in it. */
export function quote(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return `"${printable(shown)}"`;
}

export interface Word {
  text: string;
  /** From 1. */
  column: number;
}

/** Reads a fault's text word by word. */
export class Words {
  private readonly words: Word[];
  private position = 0;

  constructor(private readonly text: string) {
    this.words = Array.from(text.matchAll(/\S+/g), ({ 0: word, index }) => ({
      text: word,
      column: index + 1,
    }));
  }

  /** @param wanted what has to come, for whoever left it away */
  take(wanted: string): Word {
    const word = this.takeAny();
    if (word === undefined) this.fail(undefined, wanted);
    return word;
  }

  takeAny(): Word | undefined {
    return this.words[this.position++];
  }

  /** @param word undefined where one is missing: at the end */
  fail(word: Word | undefined, why: string): never {
    const end = this.text.trimEnd().length + 1;
    throw new FaultError(this.text, word?.column ?? end, why);
  }

  /** What `read` makes of the next word. */
  private value<Value>(wanted: string, read: (text: string) => Value): Value {
    const word = this.take(wanted);
    try {
      return read(word.text);
    } catch (error) {
      return this.fail(word, (error as Error).message);
    }
  }

  size(wanted: string): number {
    return this.value(wanted, readSize);
  }

  /** @param zero whether none at all is good, too */
  time(wanted: string, zero = false): number {
    return this.value(wanted, (text) => readTime(text, zero));
  }

  count(wanted: string): number {
    return this.value(wanted, readCount);
  }

  sizeOrTime(wanted: string): { size: number } | { time: number } {
    return this.value(wanted, readSizeOrTime);
  }

  jittered(wanted: string): { time: number; jitter: number } {
    return this.value(wanted, readJittered);
  }
}

function readSize(text: string): number {
  const size = parseSize(text);
  if (size === 0) throw new RangeError("a size of 0 makes no fault");
  return size;
}

function readTime(text: string, zero = false): number {
  // Whole microseconds: finer ones can't be kept, nor printed in full.
  const time = Math.round(parseDuration(text) * 1000) / 1000;
  if (time === 0 && !zero)
    throw new RangeError("no time at all makes no fault");
  return time;
}

function readCount(text: string): number {
  const count = parseCount(text);
  if (count === 0) throw new RangeError("the least is 1");
  return count;
}

function isA(read: (text: string) => number, text: string): boolean {
  try {
    return read(text) >= 0;
  } catch {
    return false;
  }
}

function readSizeOrTime(text: string): { size: number } | { time: number } {
  if (isA(parseSize, text)) return { size: readSize(text) };
  if (isA(parseDuration, text)) return { time: readTime(text) };
  throw new RangeError(
    `${quote(text)} is neither a size, such as 64KiB, nor a duration, such as 10s`,
  );
}

function readJittered(text: string): { time: number; jitter: number } {
  const [time = "", jitter, ...more] = text.split(/\+-|±/);
  if (more.length > 0) {
    throw new RangeError(`${quote(text)} is not a delay, as in 50ms+-10ms`);
  }
  const delay = { time: readTime(time), jitter: 0 };
  if (jitter !== undefined) delay.jitter = readTime(jitter, true);
  if (delay.jitter > delay.time) {
    throw new RangeError(
      `nothing can come early: the jitter is at most the delay, ${time}`,
    );
  }
  return delay;
}
