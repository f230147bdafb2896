import { formatHostPort } from "../../address/endpoint.ts";
import { attempt, SounderError } from "../../errors/errors.ts";
import type { Rule } from "../../options.ts";
import type { Wire } from "../wire.ts";

/**
 * The steps of a connection as the classic sockets tutorials number them. Both
 * sides write (9) and read (10), the answer as the question. Either may finish
 * first (11); the other's FIN is the last step (12).
 */
export type Step = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12;

/** Milliseconds without news after which it is told what is waited for. */
export const QUIET = 50;

/** How long `connect` waits for its own address before it is told without. */
const CONNECT_HOLD = 20;

/** Tells each step of a connection, a line each, as it happens. */
export class Tracer {
  private held: { timer: Timer; tell: (from: string) => void } | undefined;
  private failed: (error: unknown) => void = reportError;
  /** A reset is on its way down to the socket. */
  private resetting = false;

  /** @param print what it throws is an uncaught error, and disturbs nothing */
  constructor(
    readonly side: "server" | "client",
    private readonly print: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
    private readonly start: number = now(),
  ) {
    const known = side === "server" || side === "client";
    if (known && typeof print === "function") return;
    const wants = '"server" or "client", and a function that prints';
    throw new SounderError(`Tracer() wants ${wants}`, "EOPTION");
  }

  /** As this one, but what its printer throws goes to `failed`. */
  failingTo(failed: (error: unknown) => void): Tracer {
    const { side, print, now, start } = this;
    const other = new Tracer(side, print, now, start);
    other.failed = failed;
    return other;
  }

  /** `+0.312 ms   (5) connect   127.0.0.1:53124 → 127.0.0.1:21567` */
  step(number: Step | undefined, verb: string, detail = ""): void {
    this.line(this.now(), number, verb, detail);
  }

  /**
   * Tells a reset of ours, and does it. A layer nearer to the socket, which is
   * passed then, does not tell it again.
   * @param gone there is nobody left to be reset
   */
  reset(peer: string, gone: boolean, terminate: () => void): void {
    const within = this.resetting;
    if (!within && !gone) this.step(undefined, "reset", `RST → ${peer}`);
    this.resetting = true;
    terminate();
    this.resetting = within;
  }

  /** Tells what is waited for, if the wait is not ended (clearTimeout) soon. */
  waiting(what: string): Timer {
    const tell = () => this.step(undefined, "waiting", what);
    return setTimeout(tell, QUIET).unref();
  }

  /**
   * The kernel chooses our address inside connect(2), and Bun tells it only
   * once the connection stands. That is soon, so the line waits a moment.
   */
  connecting(target: string): void {
    const at = this.now();
    const tell = (from: string) => {
      clearTimeout(timer);
      this.held = undefined;
      this.line(at, 5, "connect", `${from}→ ${target}`);
    };
    const timer = setTimeout(tell, CONNECT_HOLD, "");
    this.held = { timer, tell };
  }

  /** Tells the `connect` that waits, if one does. */
  connectFrom(local: string): void {
    this.held?.tell(local === "" ? "" : `${local} `);
  }

  private line(
    at: number,
    number: Step | undefined,
    verb: string,
    detail: string,
  ): void {
    const time = `+${(at - this.start).toFixed(3)} ms`.padStart(12);
    const step = number === undefined ? "" : `(${number})`;
    const line = `${time}  ${step.padStart(4)} ${verb.padEnd(9)} ${detail}`;
    attempt(() => this.print(line.trimEnd()), this.failed);
  }
}

/** Empty where it has none. */
export function localName(wire: Wire): string {
  return wire.localAddress === undefined
    ? ""
    : formatHostPort(wire.localAddress, wire.localPort ?? 0);
}

/** What the option `trace` of one side must be. */
export function tracerOf(side: "server" | "client"): Rule {
  return {
    holds: (value) => value instanceof Tracer && value.side === side,
    wants: `a Tracer of the ${side}'s side`,
  };
}
