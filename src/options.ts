/** How the library checks what it is given, before it acts on it. */
import { isObject } from "./checks.ts";
import { SounderError } from "./errors/errors.ts";

/** What a value must be. */
export interface Rule {
  holds(value: unknown): boolean;
  /** As in "it must be …". */
  wants: string;
  /** Its value is shown to nobody. */
  secret?: true;
}

/** A rule for each option that there is. */
export type Rules<Options> = { [Name in keyof Required<Options>]: Rule };

const isFrom = (least: number) => (value: unknown) =>
  value === Infinity || (Number.isInteger(value) && Number(value) >= least);

export const COUNT: Rule = {
  holds: isFrom(1),
  wants: "a whole number from 1 on, or Infinity",
};
export const COUNT_OR_NONE: Rule = {
  holds: isFrom(0),
  wants: "a whole number from 0 on, or Infinity",
};
/** Milliseconds. */
export const TIME: Rule = {
  holds: (value) => typeof value === "number" && value > 0,
  wants: "milliseconds, more than 0",
};
/** Milliseconds, or none. */
export const TIME_OR_NONE: Rule = {
  holds: (value) => typeof value === "number" && value >= 0,
  wants: "milliseconds, 0 or more",
};
export const WHOLE: Rule = {
  holds: Number.isSafeInteger,
  wants: "a whole number",
};
export const SWITCH: Rule = {
  holds: (value) => typeof value === "boolean",
  wants: "true or false",
};
export const TEXT: Rule = {
  holds: (value) => typeof value === "string",
  wants: "a string",
};
export const SECRET: Rule = { ...TEXT, secret: true };
export const TEXTS: Rule = {
  holds: (value) => Array.isArray(value) && value.every(TEXT.holds),
  wants: "an array of strings",
};
export const HOOK: Rule = {
  holds: (value) => typeof value === "function",
  wants: "a function",
};
export const OBJECT: Rule = { holds: isObject, wants: "an object" };
export const SIGNAL: Rule = {
  holds: (value) => value instanceof AbortSignal,
  wants: "an AbortSignal",
};
export function oneOf(...values: readonly unknown[]): Rule {
  return {
    holds: (value) => values.includes(value),
    wants: values.map(shown).join(" or "),
  };
}

/**
 * @param call whose options they are, as `startServer()`
 * @param within the option that they are themselves, as `tls`
 * @throws SounderError `EOPTION` that names the first that can't be right
 */
export function checkOptions<Options extends object>(
  call: string,
  options: Options,
  rules: Rules<Options>,
  within?: string,
): void {
  check(call, within ?? "its argument", options, OBJECT);
  const path = within === undefined ? "" : `${within}.`;
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(rules, name)) continue;
    throw new SounderError(
      `${call}: there is no option ${path}${name}`,
      "EOPTION",
    );
  }
  for (const name of Object.keys(rules) as (keyof Options & string)[]) {
    const value = options[name];
    if (value !== undefined) check(call, path + name, value, rules[name]);
  }
}

/** @throws SounderError `EOPTION` */
export function check(
  call: string,
  name: string,
  value: unknown,
  { holds, wants, secret }: Rule,
): void {
  if (holds(value)) return;
  const is = secret ? "can't be used" : `is ${shown(value)}`;
  throw new SounderError(
    `${call}: ${name} ${is}; it must be ${wants}`,
    "EOPTION",
  );
}

/**
 * What a parser reads from an option, or its complaint behind the option's name.
 * @param name whose option it is, and which: `startServer(): allow`
 */
export function readOption<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SounderError)) throw error;
    const { summary, code } = error;
    throw new SounderError(`${name}: ${summary}`, code, { cause: error });
  }
}

/** The most of a value that is shown. */
const SHOWN_MOST = 60;

/** A value in one short line. */
export function shown(value: unknown): string {
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : Bun.inspect(value, { depth: 2, colors: false }).replace(/\s+/g, " ");
  return text.length > SHOWN_MOST ? `${text.slice(0, SHOWN_MOST)}…` : text;
}
