import { Tracer } from "../../src/socket/trace.ts";

/** A tracer whose clock stands where it is put, and its lines. */
export function tracing(side: "server" | "client"): {
  tracer: Tracer;
  lines: string[];
  clock: { now: number };
} {
  const clock = { now: 1000 };
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  return { tracer: new Tracer(side, print, () => clock.now), lines, clock };
}
