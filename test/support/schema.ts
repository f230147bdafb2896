import Ajv from "ajv/dist/2020.js";

import schema from "../../docs/result.schema.json";

const validate = new Ajv({ allErrors: true }).compile(schema);

/** What keeps a value from being a result, by the schema in docs. */
export function complaintsOf(value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  );
}
