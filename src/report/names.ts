import { printable } from "../printable.ts";

/** In characters, of a column in a page of text. */
const WIDEST = 14;

/**
 * Names of files, shortened for narrow columns so that no two are the same: to
 * their ends, to their beginnings, or to what follows the beginning they share.
 */
export function shortNames(names: readonly string[]): string[] {
  const plain = names.map(printable);
  const from = commonStart(plain);
  const shortenings: ((name: string, index: number) => string)[] = [
    (name) => `…${name.slice(1 - WIDEST)}`,
    (name) => `${name.slice(0, WIDEST - 1)}…`,
    (name) => `…${name.slice(from, from + WIDEST - 2)}…`,
    (name, index) => {
      const number = `#${index + 1} …`;
      return number + name.slice(number.length - WIDEST);
    },
  ];
  const short = shortenings.map((shorten) =>
    plain.map((name, index) =>
      name.length > WIDEST ? shorten(name, index) : name,
    ),
  );
  return short.find((some) => new Set(some).size === some.length) ?? plain;
}

/** How many characters all of them begin with. */
function commonStart([first = "", ...others]: readonly string[]): number {
  let length = 0;
  while (
    length < first.length &&
    others.every((name) => name[length] === first[length])
  ) {
    length += 1;
  }
  return length;
}
