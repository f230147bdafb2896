import { describe, expect, test } from "bun:test";
import Ajv from "ajv/dist/2020";
import * as fc from "fast-check";

import published from "../../docs/result.schema.json" with { type: "json" };
import { complaint, type Schema } from "../../src/result/schema.ts";
import type { Result } from "../../src/result/result.ts";
import { failing, searching } from "../support/results.ts";

const valid = new Ajv({ allowUnionTypes: true }).compile(published);

/** Has something of all that a result may have. */
const full: Result = {
  ...failing,
  runs: [crypto.randomUUID()],
  series: failing.series.slice(3, 6),
  search: searching.search,
  instances: [
    {
      instance: "1",
      host: "sea",
      connections: 3,
      messages: 5,
      latency: failing.pacing,
    },
  ],
  reasons: ["it failed"],
};

/** Every schema within a schema, itself included. */
function schemasIn(schema: Schema & { $defs?: object }): Schema[] {
  const inside = [
    ...(schema.anyOf ?? []),
    ...(schema.items ? [schema.items] : []),
    ...(schema.additionalProperties ? [schema.additionalProperties] : []),
    ...Object.values(schema.properties ?? {}),
    ...(Object.values(schema.$defs ?? {}) as Schema[]),
  ];
  return [schema, ...inside.flatMap(schemasIn)];
}

type Path = (string | number)[];

/** Where something is in a value. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) => [
    [...path, key],
    ...pathsIn(inside, [...path, key]),
  ]);
}

/** A copy of which one thing is something else, or is not there. */
function withChange(result: Result, path: Path, change: object): unknown {
  const copy = structuredClone(result);
  let place = copy as unknown as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    place = place[key] as Record<string, unknown>;
  }
  const last = path.at(-1)!;
  if ("value" in change) place[last] = change.value;
  else delete place[last];
  return copy;
}

const paths = fc.constantFrom(...pathsIn(full));
const changes = fc.oneof(
  fc.constant({}),
  fc.record({
    value: fc.oneof(
      fc.constantFrom(null, true, 0, -1, 0.5, 1e300, Infinity, "", "load", {}),
      fc.constantFrom([], [{}], [null], { p50: 1 }, "2026-11-01T09:05:07Z"),
      fc.jsonValue(),
    ),
  }),
);

describe("complaint()", () => {
  test("knows every keyword of the schema", () => {
    for (const schema of schemasIn(published)) {
      for (const [keyword, argument] of Object.entries(schema)) {
        const alone = { [keyword]: argument };
        expect(() => complaint(null, alone)).not.toThrow();
      }
    }
    const other = { multipleOf: 2 } as Schema;
    expect(() => complaint(3, other)).toThrow("multipleOf");
  });

  test("has none about a result that has all there may be", () => {
    expect(valid(full)).toBe(true);
    expect(complaint(full)).toBeUndefined();
  });

  test("has one wherever ajv has", () => {
    fc.assert(
      fc.property(paths, changes, (path, change) => {
        const value = withChange(full, path, change);
        const found = complaint(value);
        expect(found === undefined, found).toBe(valid(value));
      }),
      { seed: 1, numRuns: 5000 },
    );
  });

  /** Of each what is beside others, and of each alone. */
  const schemas: [Schema, unknown[]][] = [
    [{ minLength: 2 }, ["", "a", "ab", "𝄞", "𝄞𝄞", 1, null, []]],
    [{ $ref: "#/$defs/count", maximum: 5 }, [5, 6, -1, "5"]],
    [
      { anyOf: [{ type: "null" }, { minimum: 3 }], maximum: 9 },
      [null, 2, 3, 9, 10, "a"],
    ],
    [{ pattern: "^.$" }, ["a", "𝄞", "ab", 7]],
    [{ items: { type: "integer" } }, [[], [1, 2.0], [1, 2.5], {}, 3]],
    [{ type: "array" }, [[1], {}, null]],
    [
      { required: ["a"], additionalProperties: { const: 1 } },
      [{ a: 1 }, { a: 2 }, {}, { a: 1, toString: 2 }],
    ],
    [
      { properties: { a: { enum: [1, "b"] } } },
      [{ a: 1 }, { a: "b" }, { a: 2 }, { b: 2 }],
    ],
  ];
  test.each(schemas)("judges by %j as ajv does", (schema, values) => {
    const { $defs } = published;
    const loose = new Ajv({ strict: false });
    const same = loose.compile({ ...schema, $defs } as object);
    for (const value of values) {
      expect(complaint(value, schema) === undefined, Bun.inspect(value)).toBe(
        same(value),
      );
    }
  });
});
