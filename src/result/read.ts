import { SounderError } from "../socket/errors.ts";
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
  const values = parse(text, name);
  return values.map((value, index) => {
    const called = values.length > 1 ? `${name} #${index + 1}` : name;
    const wrong = complaint(value) ?? histogramComplaint(value as Result);
    if (wrong !== undefined) refuse(called, wrong);
    return { name: called, result: value as Result };
  });
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

/** A histogram that can't be read, or is not the one that was counted. */
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
      return `${key} counts ${count} samples, and its histogram ${samples}`;
    }
  }
  return undefined;
}
