import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { metricsIn, valueAt } from "../../src/status/metric.ts";
import { METRICS } from "../../src/status/metrics.ts";
import { NOTHING } from "../../src/status/snapshot.ts";

const metrics = [...metricsIn(METRICS)];
const paths = metrics.map(([path]) => path);

/** `a_{x,y}_b` for both of what it stands for, `a{label}` for `a`. */
function expanded(name: string): string[] {
  const [, before, inner, after] = /^(.*)\{(.*)\}(.*)$/.exec(name) ?? [];
  if (inner === undefined) return [name];
  return after === ""
    ? [before!]
    : inner.split(",").map((one) => before! + one + after!);
}

describe("METRICS", () => {
  test("are named once, and as Prometheus wants it", () => {
    const names = metrics.map(([, { name }]) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [, { name, type, help, unit }] of metrics) {
      expect(name).toMatch(/^sounder_[a-z0-9_]+$/);
      expect(name.endsWith("_total")).toBe(type === "counter");
      expect(name.includes("_bytes")).toBe(unit === "bytes");
      expect(help).toEndWith(".");
    }
  });

  test("are all on the admin page, and name what there is", () => {
    const figures = metrics.flatMap(([, { figure }]) => figure ?? []);
    const names = figures.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [, { figure, note }] of metrics) {
      expect(figure ?? note).toBeDefined();
      if (note !== undefined) expect(names).toContain(note.of);
      const [path, , other] = figure?.alarm ?? [];
      for (const named of [path, other, note?.where]) {
        if (typeof named === "string") expect(paths).toContain(named);
      }
    }
  });

  test("are all in docs/OPERATIONS.md, and no others", async () => {
    const file = join(import.meta.dir, "../../docs/OPERATIONS.md");
    const text = await Bun.file(file).text();
    const table = text.slice(text.indexOf("| metric "));
    const rows = table.slice(0, table.indexOf("\n\n")).split("\n").slice(2);
    const cells = rows.map((row) => row.split("|")[1]!);
    const told = cells.flatMap((cell) =>
      cell.match(/[a-z][^`]+(?=`)/g)!.flatMap(expanded),
    );
    const names = metrics.map(([, { name }]) => name.replace("sounder_", ""));
    expect(told.toSorted()).toEqual(
      [...names, "ready", "build_info"].toSorted(),
    );
  });

  test("begin with values that change no sum", () => {
    for (const [path, { zero, add, is }] of metrics) {
      expect(valueAt(NOTHING, path)).toEqual(zero);
      expect(is(zero)).toBe(true);
      expect(add(zero, zero)).toEqual(zero);
      expect(is(undefined)).toBe(false);
    }
  });
});
