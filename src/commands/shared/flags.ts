/** The kinds of flags, by what their values are. */
import { Option } from "commander";

import {
  exactDuration,
  exactSize,
  formatCount,
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
} from "../../units.ts";
import { argument } from "./mistake.ts";

/** A flag, and the type of its value; that is undefined where nobody gives it. */
export class Flag<Value> extends Option {
  /** Only its type is used. */
  declare readonly value: Value;

  /** @param tell how the help tells a default */
  constructor(
    flags: string,
    description: string,
    private readonly tell: (value: never) => string = String,
  ) {
    super(flags, description);
  }

  /** It may be given several times. */
  repeats = false;
  /** Words that a shell offers for its value, which may be others. */
  suggested: readonly string[] = [];
  /** Whether its value may be several of them, with commas between. */
  areJoined = false;

  suggest(words: readonly string[], how?: "joined"): this {
    this.suggested = words;
    this.areJoined = how === "joined";
    return this;
  }

  /** What its value is where nobody gives it. */
  or(value: Exclude<Value, undefined>): Flag<Exclude<Value, undefined>> {
    this.default(value, this.tell(value as never));
    return this as unknown as Flag<Exclude<Value, undefined>>;
  }
}

/** What `parse` makes of a text. */
export function parsed<T>(
  flags: string,
  description: string,
  parse: (text: string) => T,
  tell?: (value: never) => string,
): Flag<T | undefined> {
  const flag = new Flag<T | undefined>(flags, description, tell);
  flag.argParser(argument(parse, flag.long));
  return flag;
}

/** A text, such as a file's name. */
export function text(flags: string, description: string) {
  return new Flag<string | undefined>(flags, description);
}

/** One without a value. */
export function present(flags: string, description: string) {
  return new Flag<true | undefined>(flags, description);
}

/** `--no-…`: true without it. */
export function absent(flags: string, description: string) {
  return new Flag<boolean>(flags, description);
}

/** One of several words. */
export function choice<const Word extends string>(
  flags: string,
  description: string,
  words: readonly Word[],
) {
  const tell = (word: Word) => `"${word}"`;
  const flag = new Flag<Word | undefined>(flags, description, tell);
  flag.choices(words);
  return flag;
}

/** Switches that may also have a value, behind `=` alone. */
const SWITCHES = new Set<string>();

/** A switch, or one of several words: `--cooperate`, `--cooperate=transfer`. */
export function optional<const Word extends string>(
  flags: string,
  description: string,
  words: readonly Word[],
) {
  const flag = new Flag<true | Word | undefined>(flags, description);
  SWITCHES.add(flag.long!);
  flag.suggest(words);
  const parse = (word: string) => {
    if (word === "") return true;
    if ((words as readonly string[]).includes(word)) return word as Word;
    throw new RangeError(`"${word}" is not ${words.join(" or ")}`);
  };
  flag.argParser(argument(parse, flag.long));
  return flag;
}

/**
 * A command line whose switches don't take the next word for their value, as
 * the parser would have it.
 */
export function withBareSwitches(line: readonly string[]): string[] {
  const end = line.indexOf("--");
  return line.map((word, index) =>
    SWITCHES.has(word) && (end < 0 || index < end) ? `${word}=` : word,
  );
}

/** One that may be given several times; each time is one value, or several. */
export function list<T>(
  flags: string,
  description: string,
  parse: (text: string) => T | T[],
) {
  const flag = new Flag<T[] | undefined>(flags, description, (values: T[]) =>
    values.length > 0 ? values.join(", ") : "none",
  );
  flag.repeats = true;
  const checked = argument(parse, flag.long);
  flag.argParser((value: string, before: T[] = []) =>
    before.concat(checked(value)),
  );
  return flag;
}

/** Milliseconds, written as `500ms`, `10s` or `1h30m`. */
export function duration(flags: string, description: string) {
  return parsed(flags, description, parseDuration, exactDuration);
}

/** As duration(), but none at all would make no sense. */
export function timeLimit(flags: string, description: string) {
  const parse = (written: string) => {
    const value = parseDuration(written);
    if (value <= 0) throw new RangeError(`"${written}" is no time at all`);
    return value;
  };
  return parsed(flags, description, parse, exactDuration);
}

function atLeastOne(parse: (text: string) => number) {
  return (written: string): number => {
    const value = parse(written);
    if (value < 1) throw new RangeError(`"${written}" is less than 1`);
    return value;
  };
}

/** A count, at least 1, written as `10k`. */
export function count(flags: string, description: string) {
  return parsed(flags, description, atLeastOne(parseCount));
}

/** Messages a second, written as `0.5` or `20k`. */
export function rate(flags: string, description: string) {
  return parsed(flags, description, parseRate);
}

/** Bytes, written as `16KiB`, at least `least`. */
export function size(flags: string, description: string, least: 0 | 1 = 1) {
  const parse = least === 1 ? atLeastOne(parseSize) : parseSize;
  return parsed(flags, description, parse, exactSize);
}

/** More than any machine has cores. */
const WORKERS_MAX = 1024;

/** `--workers`: a count, or one for each core. */
export function workers(description: string) {
  const parse = (written: string) => {
    if (written === "auto") return navigator.hardwareConcurrency;
    const value = atLeastOne(parseCount)(written);
    if (value > WORKERS_MAX) {
      throw new RangeError(
        `"${written}" is more than ${formatCount(WORKERS_MAX)}`,
      );
    }
    return value;
  };
  return parsed("--workers <count>", `${description}, or "auto"`, parse);
}
