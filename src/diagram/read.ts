import published from "../../docs/trace.schema.json" with { type: "json" };
import { SounderError } from "../errors/errors.ts";
import { complaint, type Schema } from "../result/schema.ts";
import type { TraceEvent } from "../socket/trace/event.ts";

/** Whether a text that begins so may be a trace. */
export function mayBeTrace(beginning: string): boolean {
  return /^\s*\{"version":1,"kind":"trace"/.test(beginning);
}

/**
 * The events of a trace, one in each line.
 * @param name of the file, for what is wrong with it
 * @throws SounderError `ETRACE`
 */
export function readTrace(text: string, name: string): TraceEvent[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const refuse = (why: string): never => {
      throw new SounderError(
        `${name} is not a trace: line ${index + 1}: ${why}`,
        "ETRACE",
      );
    };
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      return refuse((error as Error).message);
    }
    const wrong = complaint(value, published as Schema);
    return wrong === undefined ? [value as TraceEvent] : refuse(wrong);
  });
}
