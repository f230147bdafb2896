import { Tracer } from "../../src/socket/trace/tracer.ts";

/**
 * A tracer whose clock stands where it is put, and its lines; those that tell
 * what is waited for, which a slow machine may add anywhere, are apart.
 */
export function tracing(side: "server" | "client"): {
  tracer: Tracer;
  lines: string[];
  waits: string[];
  clock: { now: number };
} {
  const clock = { now: 1000 };
  const lines: string[] = [];
  const waits: string[] = [];
  function print(line: string): void {
    const [, what] = / {7}waiting {3}(.*)/.exec(line) ?? [];
    if (what === undefined) lines.push(line);
    else waits.push(what);
  }
  const tracer = new Tracer(side, print, () => clock.now);
  return { tracer, lines, waits, clock };
}
