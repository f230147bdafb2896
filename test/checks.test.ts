import { expect, test } from "bun:test";

import {
  isBoolean,
  isNumber,
  isObject,
  isOneOf,
  isText,
  objectOf,
  optional,
} from "../src/checks.ts";

const VALUES = {
  a: "text",
  b: 1.5,
  c: true,
  d: {},
  e: [],
  f: null,
  g: undefined,
};

/** The names of those values that a check lets through. */
function passing(is: (value: unknown) => boolean): string {
  const passed = Object.entries(VALUES).filter(([, value]) => is(value));
  return passed.map(([name]) => name).join("");
}

test.each([
  ["isText", isText, "a"],
  ["isNumber", isNumber, "b"],
  ["isBoolean", isBoolean, "c"],
  ["isObject", isObject, "d"],
  ["isOneOf", isOneOf("text", null), "af"],
  ["optional", optional(isNumber), "bg"],
] as const)("%s", (_, is, passed) => {
  expect(passing(is)).toBe(passed);
});

test("objectOf checks each field, those that may be missing too", () => {
  const is = objectOf<{ size: number; name?: string }>({
    size: isNumber,
    name: optional(isText),
  });
  expect(is({ size: 1 })).toBe(true);
  expect(is({ size: 1, name: "a", more: [] })).toBe(true);
  expect(is({ size: 1, name: 2 })).toBe(false);
  expect(is({ name: "a" })).toBe(false);
  expect(passing(is)).toBe("");
});
