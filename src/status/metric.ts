import { isNumber, isObject } from "../checks.ts";

/** How a number is to be written. */
export type Unit =
  | "count"
  | "bytes"
  | "seconds"
  /** Milliseconds since 1970. */
  | "moment";

/** A box of the admin page, with one value. */
export interface Figure {
  name: string;
  /** What is shown of the value. @default the value */
  as?: "rate" | "age";
  /** When it is marked: `stalled.now >= 1`; paths of the table, or numbers. */
  alarm?: readonly [string, ">=" | "<", string | number];
}

/** What is said below a figure's value. */
export interface Note {
  /** The figure's name. */
  of: string;
  /** `{}` is the value; nothing is said of a limit that there is not. */
  text: string;
  /** Instead, where the value is 0. */
  zero?: string;
  /** Nothing is said where this other value, by its path, is 0. */
  where?: string;
}

export interface Description {
  /** As Prometheus has it. */
  name: string;
  help: string;
  /** @default "count" */
  unit?: Unit;
  /** The figure whose value it is. */
  figure?: Figure;
  note?: Note;
}

/** Something that a server counts, or that is read from it. */
export interface Metric<Value> extends Description {
  type: "counter" | "gauge";
  /** What tells the numbers of a Record apart. */
  label?: string;
  /** Of a server that has done nothing yet. */
  zero: Value;
  /** Of two processes, what both have together. */
  add(one: Value, other: Value): Value;
  is(value: unknown): value is Value;
}

const sum = (one: number, other: number) => one + other;

/** A number that each process has its part of. */
export function gauge(of: Description): Metric<number> {
  return { ...of, type: "gauge", zero: 0, add: sum, is: isNumber };
}

/** A number that is counted up, and never down. */
export function counter(of: Description): Metric<number> {
  return { ...of, type: "counter", zero: 0, add: sum, is: isNumber };
}

/** The most that any of the processes has. */
export function most(of: Description): Metric<number> {
  return { ...of, type: "gauge", zero: 0, add: Math.max, is: isNumber };
}

/** The first moment of all processes'. */
export function earliest(of: Description): Metric<number> {
  const zero = Infinity;
  return {
    ...of,
    type: "gauge",
    unit: "moment",
    zero,
    add: Math.min,
    is: isNumber,
  };
}

/** Of what there may be, each process its part; null is no limit. */
export function limit(of: Description): Metric<number | null> {
  return {
    ...of,
    type: "gauge",
    zero: 0,
    add: (one, other) => (one === null || other === null ? null : one + other),
    is: (value) => value === null || isNumber(value),
  };
}

/** Numbers that are counted up, one for each value of a label. */
export function counters(
  of: Description & { label: string },
): Metric<Record<string, number>> {
  return {
    ...of,
    type: "counter",
    zero: {},
    add(one, other) {
      const added = { ...one };
      for (const [key, count] of Object.entries(other)) {
        added[key] = (added[key] ?? 0) + count;
      }
      return added;
    },
    is: (value): value is Record<string, number> =>
      isObject(value) && Object.values(value).every(isNumber),
  };
}

/** Metrics by name, or in groups of such. */
export interface Table {
  readonly [name: string]: Metric<unknown> | Table;
}

/** A table that describes such values, and all of them. */
export type TableOf<Values> = {
  readonly [Name in keyof Values]: Values[Name] extends number | null
    ? Metric<Values[Name]>
    : string extends keyof Values[Name]
      ? Metric<Values[Name]>
      : TableOf<Values[Name]>;
};

/** What a table describes. */
export type ValuesOf<T extends Table> = {
  -readonly [Name in keyof T]: T[Name] extends Metric<infer Value>
    ? Value
    : T[Name] extends Table
      ? ValuesOf<T[Name]>
      : never;
};

function isMetric(one: Metric<unknown> | Table): one is Metric<unknown> {
  return typeof one["help"] === "string";
}

/** Each metric of a table with its path: `bytes.in`. */
export function* metricsIn(
  table: Table,
  within = "",
): Generator<[path: string, metric: Metric<unknown>]> {
  for (const [name, one] of Object.entries(table)) {
    const path = within + name;
    if (isMetric(one)) yield [path, one];
    else yield* metricsIn(one, `${path}.`);
  }
}

/** What is at a path; undefined where nothing is. */
export function valueAt(values: unknown, path: string): unknown {
  let inside = values;
  for (const name of path.split(".")) {
    if (typeof inside !== "object" || inside === null) return undefined;
    inside = (inside as Record<string, unknown>)[name];
  }
  return inside;
}

/** A table's values, each made by its metric. */
export function makeValues<T extends Table>(
  table: T,
  make: (metric: Metric<unknown>, path: string) => unknown,
  within = "",
): ValuesOf<T> {
  const made = Object.entries(table).map(([name, one]) => {
    const path = within + name;
    const value = isMetric(one)
      ? make(one, path)
      : makeValues(one, make, `${path}.`);
    return [name, value];
  });
  return Object.fromEntries(made) as ValuesOf<T>;
}

/** Whether there is what a table describes. */
export function areValues<T extends Table>(
  table: T,
  values: unknown,
): values is ValuesOf<T> {
  return metricsIn(table).every(([path, metric]) =>
    metric.is(valueAt(values, path)),
  );
}
