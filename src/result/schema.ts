import published from "../../docs/result.schema.json" with { type: "json" };

/** As much of JSON Schema as the one of a result uses. */
interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  pattern?: string;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
}

const root: Schema = published;
const definitions: Record<string, Schema> = published.$defs;

/**
 * What keeps a value from being a result, such as `latency.p99: "1" is not a
 * number or null`; undefined where nothing does. Keys that the schema does not
 * know are let through: a later version may have written them.
 */
export function complaint(value: unknown): string | undefined {
  return check(value, root, "");
}

function check(
  value: unknown,
  schema: Schema,
  path: string,
): string | undefined {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace("#/$defs/", "");
    return check(value, definitions[name]!, path);
  }
  if (schema.anyOf !== undefined) {
    const found = schema.anyOf.map((one) => check(value, one, path));
    return found.includes(undefined) ? undefined : found[0];
  }
  const expected = expectation(value, schema);
  if (expected !== undefined) {
    const told = value === undefined ? "it" : shorten(JSON.stringify(value));
    return `${path === "" ? "" : `${path}: `}${told} is not ${expected}`;
  }
  if (Array.isArray(value)) {
    return firstOf(value.entries(), ([index, item]) =>
      check(item, schema.items!, `${path}[${index}]`),
    );
  }
  if (typeof value === "object" && value !== null) {
    return checkObject(value as Record<string, unknown>, schema, path);
  }
  return undefined;
}

function checkObject(
  value: Record<string, unknown>,
  { required = [], properties = {}, additionalProperties }: Schema,
  path: string,
): string | undefined {
  const inside = (key: string) => (path === "" ? key : `${path}.${key}`);
  const wrong = firstOf(Object.entries(value), ([key, item]) => {
    const known = Object.hasOwn(properties, key)
      ? properties[key]!
      : additionalProperties;
    return typeof known === "object"
      ? check(item, known, inside(key))
      : undefined;
  });
  if (wrong !== undefined) return wrong;
  const missing = required.find((key) => !Object.hasOwn(value, key));
  return missing === undefined ? undefined : `${inside(missing)} is missing`;
}

/** What a value should be and is not, in words. */
function expectation(value: unknown, schema: Schema): string | undefined {
  if (schema.const !== undefined && value !== schema.const) {
    return JSON.stringify(schema.const);
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return schema.enum.map((one) => JSON.stringify(one)).join(" or ");
  }
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isOf(value, type))) {
    return types.map((type) => NAMES[type]).join(" or ");
  }
  if (typeof value === "number" && value < (schema.minimum ?? -Infinity)) {
    return `${schema.minimum} or more`;
  }
  if (typeof value === "number" && value > (schema.maximum ?? Infinity)) {
    return `${schema.maximum} or less`;
  }
  if (typeof value !== "string") return undefined;
  if (value.length < (schema.minLength ?? 0)) return "long enough";
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
    return `like ${schema.pattern}`;
  }
  return undefined;
}

const NAMES: Record<string, string> = {
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  null: "null",
  number: "a number",
  object: "an object",
  string: "a text",
};

function isOf(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isSafeInteger(value);
  if (type === "array") return Array.isArray(value);
  // JSON's 1e999 is read as an infinite number.
  if (type === "number") return Number.isFinite(value);
  if (value === null || Array.isArray(value))
    return type === "null" && value === null;
  return typeof value === type;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function firstOf<T>(
  items: Iterable<T>,
  find: (item: T) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
