/** Tells whether a value is what it has to be. */
export type Check<Value> = (value: unknown) => value is Value;

export const isText: Check<string> = (value) => typeof value === "string";

export const isNumber: Check<number> = (value) => typeof value === "number";

export const isBoolean: Check<boolean> = (value) => typeof value === "boolean";

/** No array, and not null. */
export const isObject: Check<Record<string, unknown>> = (
  value,
): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function isOneOf<const Value>(
  ...values: readonly Value[]
): Check<Value> {
  return (value): value is Value => values.includes(value as Value);
}

export function optional<Value>(is: Check<Value>): Check<Value | undefined> {
  return (value) => value === undefined || is(value);
}

/** An object with a check for each of its fields. */
export function objectOf<Value extends object>(checks: {
  [Field in keyof Value]-?: Check<Value[Field]>;
}): Check<Value> {
  const fields = Object.entries<Check<unknown>>(checks);
  return (value): value is Value =>
    isObject(value) && fields.every(([field, is]) => is(value[field]));
}
