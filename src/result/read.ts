import { SounderError } from "../errors/errors.ts";
import { formatCount, plural } from "../units.ts";
import { upgraded } from "./older.ts";
import type { NamedResult, Result } from "./result.ts";
import { complaint } from "./schema.ts";
import { decode } from "./times.ts";

/**
 * The results in a text: one, or several as `load --json -` of several machines
 * print them one after the other.
 * @param name of the file, for what is wrong with it
 * @throws SounderError `ERESULT`
 */
export function readResults(text: string, name: string): NamedResult[] {
  return resultsOf(valuesIn(text, name));
}

/** @throws SounderError `ERESULT` */
export function resultsOf(values: readonly NamedValue[]): NamedResult[] {
  return values.map(({ name: called, value }) => {
    const wrong =
      depthComplaint(value) ??
      complaint(value) ??
      dateComplaint(value as Result) ??
      histogramComplaint(value as Result);
    if (wrong !== undefined) refuse(called, wrong);
    return { name: called, result: upgraded(value as Result) };
  });
}

/**
 * The objects in a text, each with a name, whatever they are.
 * @throws SounderError `ERESULT`
 */
export function valuesIn(text: string, name: string): NamedValue[] {
  const values = parse(withoutRemarks(text), name);
  return values.map((value, index) => ({
    name: values.length > 1 ? `${name} #${index + 1}` : name,
    value,
  }));
}

export interface NamedValue {
  name: string;
  value: unknown;
}

/**
 * What `load` says on standard error, which container logs mix into results,
 * even into the middle of one. No line of JSON begins so.
 */
const REMARK = /^(?:FAIL {2}|sounder: ).*(?:\n|$)/gm;

function withoutRemarks(text: string): string {
  return text.replace(REMARK, "");
}

/** Whether a text that begins so may be results. */
export function mayBeResults(beginning: string): boolean {
  const rest = withoutRemarks(beginning).trimStart();
  return rest === "" || rest.startsWith("{");
}

function refuse(name: string, why: string): never {
  throw new SounderError(`${name} is not a result of load: ${why}`, "ERESULT");
}

function parse(text: string, name: string): unknown[] {
  const { values, read, done } = Bun.JSONL.parseChunk(text);
  if (done && values.length > 0) return values;
  const rest = text.slice(read).trim();
  if (rest === "" && values.length > 0) return values;
  if (rest === "") refuse(name, "it is empty");
  try {
    return [...values, JSON.parse(rest)];
  } catch (error) {
    return refuse(name, (error as Error).message);
  }
}

/** Levels of objects and lists: results have fewer, those to come as well. */
const DEEPEST = 64;

/** Functions that call themselves for each level would run out of stack. */
export function depthComplaint(value: unknown): string | undefined {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return "it is nested too deep";
    level = level.flatMap((one) =>
      typeof one === "object" && one !== null ? Object.values(one) : [],
    );
  }
  return undefined;
}

/** The schema's pattern lets a 99th of January through. */
function dateComplaint({ started }: Result): string | undefined {
  return Number.isNaN(Date.parse(started))
    ? `started: ${JSON.stringify(started)} is not a date`
    : undefined;
}

/** Finds a histogram that can't be read, or whose samples are not `count`. */
function histogramComplaint(result: Result): string | undefined {
  const { connections, latency, service, pacing } = result;
  const all = {
    latency,
    service,
    pacing,
    "connections.latency": connections.latency,
    "connections.firstByte": connections.firstByte,
  };
  for (const [key, { histogram, count }] of Object.entries(all)) {
    let samples: number;
    try {
      samples = decode(histogram).totalCount;
    } catch {
      return `${key}.histogram can't be decoded`;
    }
    if (samples !== count) {
      return `${key} counts ${plural(count, "sample")}, and its histogram ${formatCount(samples)}`;
    }
  }
  return undefined;
}
