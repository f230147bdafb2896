import { plural } from "../units.ts";
import { formatHostPort } from "./endpoint.ts";
import { SounderError, attempt, errorCodeOf, whyOf } from "./errors.ts";
import { Facade } from "./facade.ts";
import { peerName, type Wire, type WireHandlers } from "./wire.ts";

/**
 * The steps of a connection as the classic sockets tutorials number them, 1 to
 * 12. The answer's way back (server writes, client reads) has no number there.
 */
type Step = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12;

type Moment = "write" | "read" | "finish" | "finished";

/** The same act has another number on the other side. */
const STEPS: Record<"server" | "client", Partial<Record<Moment, Step>>> = {
  server: { read: 10, finished: 11, finish: 12 },
  client: { write: 9, finish: 11, finished: 12 },
};

/** How long `connect` waits for its own address before it is told without. */
const CONNECT_HOLD = 20;

/** Tells each step of a connection, a line each, as it happens. */
export class Tracer {
  private held: { timer: Timer; tell: (from: string) => void } | undefined;
  private failed: (error: unknown) => void = reportError;

  /** @param print what it throws is an uncaught error, and disturbs nothing */
  constructor(
    readonly side: "server" | "client",
    private readonly print: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
    private readonly start: number = now(),
  ) {
    if (Object.hasOwn(STEPS, side) && typeof print === "function") return;
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

  moment(moment: Moment, detail: string): void {
    this.step(STEPS[this.side][moment], moment, detail);
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

/** A socket that tells what is done with it. */
class TracedWire<Data> extends Facade<Data> {
  /** The peer's FIN was told, or a reset came before it. */
  private settled = false;
  private finishTold = false;
  readonly remote: string;

  constructor(
    wire: Wire,
    private readonly tracer: Tracer,
  ) {
    super(wire);
    this.remote = peerName(wire);
  }

  toldFinished(): void {
    if (this.settled) return;
    this.settled = true;
    this.tracer.moment("finished", `FIN ← ${this.remote}`);
  }

  override write(
    bytes: Uint8Array,
    offset = 0,
    length = bytes.length - offset,
  ): number {
    const taken = super.write(bytes, offset, length);
    const amount =
      taken === length
        ? plural(length, "byte")
        : `${Math.max(taken, 0)} of ${plural(length, "byte")}`;
    const fate = taken < 0 ? " (the connection is gone)" : "";
    if (taken < 0) this.settled = true;
    this.tracer.moment("write", `${amount} → ${this.remote}${fate}`);
    return taken;
  }
  override pause(): void {
    this.tracer.step(undefined, "pause", `${this.remote}: nothing is read`);
    super.pause();
  }
  override resume(): void {
    this.tracer.step(undefined, "resume", `${this.remote}: reading again`);
    super.resume();
  }
  override shutdown(): void {
    this.tellFinish();
    super.shutdown();
  }
  override end(): void {
    this.tellFinish();
    super.end();
  }
  private tellFinish(): void {
    if (this.finishTold) return;
    this.finishTold = true;
    this.tracer.moment("finish", `FIN → ${this.remote}`);
  }
  override terminate(): void {
    this.tracer.step(undefined, "reset", `RST → ${this.remote}`);
    this.settled = true;
    super.terminate();
  }
}

/**
 * Handlers that tell each event, then do what `handlers` do. What is not traced
 * pays nothing: the handlers themselves know nothing of it.
 */
export function traced<Data>(
  handlers: WireHandlers<Data>,
  tracer: Tracer,
): WireHandlers<TracedWire<Data>> {
  return {
    open(wire) {
      const outer = new TracedWire<Data>(wire, tracer);
      // A client's data is there before it connects.
      outer.data = wire.data as Data;
      wire.data = outer;
      const path = `${outer.remote} → ${localName(wire) || "unix socket"}`;
      if (tracer.side === "server") {
        tracer.step(6, "request", path);
        tracer.step(8, "accept", path);
      } else {
        tracer.connectFrom(localName(wire));
        tracer.step(7, "connected", outer.remote);
      }
      handlers.open(outer);
    },
    data(wire, chunk) {
      const amount = plural(chunk.length, "byte");
      tracer.moment("read", `${amount} ← ${wire.data.remote}`);
      handlers.data(wire.data, chunk);
    },
    drain(wire) {
      handlers.drain(wire.data);
    },
    end(wire) {
      wire.data.toldFinished();
      handlers.end(wire.data);
    },
    close(wire, error) {
      // After our own FIN, the peer's may be told by the close alone.
      if (error === undefined) wire.data.toldFinished();
      const how =
        error === undefined ? "" : `: ${whyOf(error)} (${errorCodeOf(error)})`;
      tracer.step(undefined, "closed", `${wire.data.remote}${how}`);
      handlers.close(wire.data, error);
    },
    error(wire, error) {
      handlers.error(wire.data, error);
    },
  };
}
