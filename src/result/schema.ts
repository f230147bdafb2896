import published from "../../docs/result.schema.json" with { type: "json" };
import { isObject } from "../checks.ts";

/** As much of JSON Schema as the one of a result uses, but for remarks. */
export interface Schema {
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
  additionalProperties?: Schema;
  items?: Schema;
}

/**
 * What keeps a value from being a result, such as `latency.p99: "1" is not a
 * number or null`; undefined where nothing does. Keys that the schema does not
 * know are let through: a later version may have written them.
 * @throws Error at a keyword of the schema that is not known here
 */
export function complaint(
  value: unknown,
  schema: Schema = published,
  definitions: Definitions = published.$defs,
): string | undefined {
  return check(value, schema, { path: "", definitions });
}

/** What `$ref` names. */
type Definitions = Record<string, Schema>;

interface Place {
  /** Of the value in the result: `latency.p99`. */
  path: string;
  definitions: Definitions;
}

function check(
  value: unknown,
  schema: Schema,
  place: Place,
): string | undefined {
  return firstOf(Object.keys(schema), (keyword) =>
    checkKeyword(keyword, value, schema, place),
  );
}

function checkKeyword(
  keyword: string,
  value: unknown,
  schema: Schema,
  place: Place,
): string | undefined {
  switch (keyword) {
    case "$ref":
      return check(
        value,
        place.definitions[schema.$ref!.replace("#/$defs/", "")]!,
        place,
      );
    case "anyOf": {
      const found = schema.anyOf!.map((one) => check(value, one, place));
      return found.includes(undefined) ? undefined : found[0];
    }
    case "items":
      if (!Array.isArray(value)) return undefined;
      return firstOf(value.entries(), ([index, item]) =>
        check(item, schema.items!, {
          ...place,
          path: `${place.path}[${index}]`,
        }),
      );
    case "required":
    case "properties":
    case "additionalProperties":
      return isObject(value)
        ? checkObject(keyword, value, schema, place)
        : undefined;
    case "$schema":
    case "$defs":
    case "title":
    case "description":
      return undefined;
    default: {
      const expected = expectation(keyword, value, schema);
      if (expected === undefined) return undefined;
      const where = place.path === "" ? "" : `${place.path}: `;
      return `${where}${shorten(JSON.stringify(value) ?? "it")} is not ${expected}`;
    }
  }
}

function checkObject(
  keyword: "required" | "properties" | "additionalProperties",
  value: Record<string, unknown>,
  { required = [], properties = {}, additionalProperties = {} }: Schema,
  place: Place,
): string | undefined {
  const inside = (key: string) =>
    place.path === "" ? key : `${place.path}.${key}`;
  if (keyword === "required") {
    const missing = required.find((key) => !Object.hasOwn(value, key));
    return missing && `${inside(missing)} is missing`;
  }
  return firstOf(Object.entries(value), ([key, item]) => {
    const known = Object.hasOwn(properties, key);
    if (known !== (keyword === "properties")) return undefined;
    return check(item, known ? properties[key]! : additionalProperties, {
      ...place,
      path: inside(key),
    });
  });
}

/** What a value should be by a keyword, and is not, in words. */
function expectation(
  keyword: string,
  value: unknown,
  schema: Schema,
): string | undefined {
  switch (keyword) {
    case "type": {
      const types = [schema.type!].flat();
      if (types.some((type) => isOf(value, type))) return undefined;
      return types.map((type) => NAMES[type]).join(" or ");
    }
    case "const":
      if (value === schema.const) return undefined;
      return JSON.stringify(schema.const);
    case "enum":
      if (schema.enum!.includes(value)) return undefined;
      return schema.enum!.map((one) => JSON.stringify(one)).join(" or ");
    case "minimum":
      if (typeof value !== "number" || value >= schema.minimum!)
        return undefined;
      return `${schema.minimum} or more`;
    case "maximum":
      if (typeof value !== "number" || value <= schema.maximum!)
        return undefined;
      return `${schema.maximum} or less`;
    case "minLength":
      if (typeof value !== "string" || [...value].length >= schema.minLength!)
        return undefined;
      return "long enough";
    case "pattern":
      if (
        typeof value !== "string" ||
        new RegExp(schema.pattern!, "u").test(value)
      )
        return undefined;
      return `like ${schema.pattern}`;
    default:
      throw new Error(`what is ${keyword} in a schema?`);
  }
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
  switch (type) {
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    case "number":
      // JSON's 1e999 is read as an infinite number.
      return Number.isFinite(value);
    case "object":
      return isObject(value);
    default:
      return typeof value === type;
  }
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
