import { formatHostPort } from "../../address/endpoint.ts";
import { attempt, SounderError } from "../../errors/errors.ts";
import { tcpInfo } from "../../kernel/tcp-info.ts";
import type { Rule } from "../../options.ts";
import {
  type Facts,
  shownBytes,
  type Side,
  type Step,
  type TraceEvent,
} from "./event.ts";
import type { Wire } from "../wire.ts";

/** Milliseconds without news after which it is told what is waited for. */
export const QUIET = 50;

/** How long `connect` waits for its own address before it is told without. */
const CONNECT_HOLD = 20;

/** Milliseconds since this process began. */
function sinceProcess(): number {
  return performance.now();
}

/** Tells each step of a connection, a line each, as it happens. */
export class Tracer {
  private held: { timer: Timer; tell: (from: string) => void } | undefined;
  private failed: (error: unknown) => void = reportError;
  /** A reset is on its way down to the socket. */
  private resetting = false;
  private observers: Observers;

  /** @param print what it throws is an uncaught error, and disturbs nothing */
  constructor(
    readonly side: Side,
    private readonly print: (line: string) => void,
    private readonly now: () => number = sinceProcess,
    private readonly start: number = now(),
  ) {
    const known = side === "server" || side === "client";
    const began = now === sinceProcess ? start : sinceProcess();
    this.observers = new Observers(performance.timeOrigin + began);
    if (known && typeof print === "function") return;
    const wants = '"server" or "client", and a function that prints';
    throw new SounderError(`Tracer() wants ${wants}`, "EOPTION");
  }

  /** As this one, but what its printer throws goes to `failed`. */
  failingTo(failed: (error: unknown) => void): Tracer {
    const { side, print, now, start } = this;
    const other = new Tracer(side, print, now, start);
    other.failed = failed;
    other.observers = this.observers;
    return other;
  }

  /**
   * Has each step told as an event, too, with what the kernel says of it.
   * @param bytes of what is written or read that are told, at most
   */
  observe(observer: (event: TraceEvent) => void, bytes: number): void {
    this.observers.add(observer, bytes);
  }

  /** Whether there is somebody for whom facts are worth being found out. */
  get isObserved(): boolean {
    return this.observers.any;
  }

  /** The time for {@link Facts.at}; undefined where nobody wants it. */
  get moment(): number | undefined {
    return this.isObserved ? this.now() : undefined;
  }

  /** A number for a connection that has opened. */
  opened(): number {
    return (this.observers.connections += 1);
  }

  /** `+0.312 ms   (5) connect   127.0.0.1:53124 → 127.0.0.1:21567` */
  step(
    number: Step | undefined,
    verb: string,
    detail = "",
    facts: Facts = {},
  ): void {
    this.line(this.now(), number, verb, detail, facts);
  }

  /** What only observers are told. */
  fact(verb: string, detail: string, facts: Facts): void {
    const { side, now, start } = this;
    const at = now() - start;
    this.observers.tell(side, at, undefined, verb, detail, facts);
  }

  /**
   * Tells a reset of ours, and does it. A layer nearer to the socket, which is
   * passed then, does not tell it again.
   * @param gone there is nobody left to be reset
   */
  reset(
    peer: string,
    gone: boolean,
    terminate: () => void,
    facts: Facts = {},
  ): void {
    const within = this.resetting;
    if (!within && !gone) this.step(undefined, "reset", `RST → ${peer}`, facts);
    this.resetting = true;
    terminate();
    this.resetting = within;
  }

  /** Tells what is waited for, if the wait is not ended (clearTimeout) soon. */
  waiting(what: string, facts: () => Facts = () => ({})): Timer {
    const tell = () => this.step(undefined, "waiting", what, facts());
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
      const facts = { local: from.trim() || undefined, peer: target };
      this.line(at, 5, "connect", `${from}→ ${target}`, facts);
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
    facts: Facts,
  ): void {
    const { side, start } = this;
    const when = facts.at ?? at;
    this.observers.tell(side, when - start, number, verb, detail, facts);
    const time = `+${(at - this.start).toFixed(3)} ms`.padStart(12);
    const step = number === undefined ? "" : `(${number})`;
    const line = `${time}  ${step.padStart(4)} ${verb.padEnd(9)} ${detail}`;
    attempt(() => this.print(line.trimEnd()), this.failed);
  }
}

/** Those that are told of each step, with facts. */
class Observers {
  connections = 0;
  private readonly all: ((event: TraceEvent) => void)[] = [];
  private bytes = 0;
  /**
   * @param start when the tracer began, in milliseconds since 1970. Date.now()
   * has whole ones only: two traces of one machine would differ by up to one.
   */
  constructor(private readonly start: number) {}

  get any(): boolean {
    return this.all.length > 0;
  }

  add(observer: (event: TraceEvent) => void, bytes: number): void {
    this.all.push(observer);
    this.bytes = Math.max(this.bytes, bytes);
  }

  /** @param at milliseconds since the tracer's start */
  tell(
    side: Side,
    at: number,
    step: Step | undefined,
    verb: string,
    detail: string,
    facts: Facts,
  ): void {
    if (!this.any) return;
    const { connection, bytes, data, fd, local, peer } = facts;
    const state = facts.state ?? tcpInfo(fd)?.state;
    const event: TraceEvent = {
      version: 1,
      kind: "trace",
      side,
      at: this.start + at,
      step: step ?? null,
      verb,
      detail,
      connection: connection ?? null,
      bytes: bytes ?? null,
      data:
        data === undefined || this.bytes === 0
          ? null
          : shownBytes(data.subarray(0, this.bytes)),
      state: state ?? null,
      local: local ?? null,
      peer: peer ?? null,
    };
    for (const observer of this.all) observer(event);
  }
}

/** Empty where it has none. */
export function localName(wire: Wire): string {
  return wire.localAddress === undefined
    ? ""
    : formatHostPort(wire.localAddress, wire.localPort ?? 0);
}

/** What the option `trace` of one side must be. */
export function tracerOf(side: Side): Rule {
  return {
    holds: (value) => value instanceof Tracer && value.side === side,
    wants: `a Tracer of the ${side}'s side`,
  };
}
