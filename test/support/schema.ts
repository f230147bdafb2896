import Ajv from "ajv/dist/2020.js";

import schema from "../../docs/result.schema.json";

/**
 * The published schema lets unknown keys through, since new ones may come; a
 * key that we write and it does not know was forgotten there.
 */
function closed(of: object): object {
  const inside = Object.entries(of).map(([key, value]) => [
    key,
    typeof value === "object" && !Array.isArray(value) ? closed(value) : value,
  ]);
  return "required" in of
    ? { additionalProperties: false, ...Object.fromEntries(inside) }
    : Object.fromEntries(inside);
}

const validate = new Ajv({ allErrors: true }).compile(closed(schema));

/** What keeps a value from being a result, or is not told, by that in docs. */
export function complaintsOf(value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  );
}
