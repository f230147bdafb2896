import { formatCount, plural } from "../../units.ts";
import { Facade } from "../facade.ts";
import { type AnyHandlers, immediate, type Layer } from "../layer.ts";
import { connectionOf } from "./ends.ts";
import type { Facts, Step } from "./event.ts";
import { localName, type Tracer } from "./tracer.ts";
import { peerName, type Wire, type WireHandlers } from "../wire.ts";

/** A socket that tells what is done with it. */
class TracedWire extends Facade<unknown> {
  readonly peer: string;
  readonly connection: number | undefined;
  /** FINs that were told: the first is step 11, whoever sent it. */
  private fins = 0;
  private finishTold = false;
  private finishedTold = false;
  /** It was reset, or closed without waiting for the peer's FIN. */
  private settled = false;
  private paused = false;
  private wait: Timer | undefined = undefined;

  constructor(
    wire: Wire,
    private readonly tracer: Tracer,
  ) {
    super(wire);
    this.peer = peerName(wire);
    this.connection = connectionOf(wire);
  }

  /** What is told of it, besides words. */
  private facts(bytes?: number, data?: Uint8Array): Facts {
    const { connection, peer, fd, tracer } = this;
    if (!tracer.isObserved) return {};
    const local = localName(this) || undefined;
    return { connection, peer, local, fd, bytes, data };
  }

  /** A server waits for whatever comes, a client for its answer. */
  served(): void {
    if (this.tracer.side === "server") this.awaitRead();
  }
  private awaitRead(): void {
    this.waitIsOver();
    if (this.paused || this.finishedTold || this.settled) return;
    const what = `(10) read: nothing from ${this.peer} yet`;
    this.wait = this.tracer.waiting(what, () => this.facts());
  }
  waitIsOver(): void {
    clearTimeout(this.wait);
  }

  private get nextFin(): Step {
    this.fins += 1;
    return this.fins === 1 ? 11 : 12;
  }
  private tellFinish(): void {
    if (this.finishTold || this.settled) return;
    this.finishTold = true;
    this.tracer.step(
      this.nextFin,
      "finish",
      `FIN → ${this.peer}`,
      this.facts(),
    );
    this.awaitRead();
  }
  tellFinished(truncated = false): void {
    this.waitIsOver();
    if (this.finishedTold || this.settled) return;
    this.finishedTold = true;
    const how = truncated ? ", without the end of TLS" : "";
    this.tracer.step(
      this.nextFin,
      "finished",
      `FIN ← ${this.peer}${how}`,
      this.facts(),
    );
  }
  tellRead(detail: string, chunk: Buffer): void {
    const facts = this.facts(chunk.length, chunk);
    this.tracer.step(10, "read", detail, facts);
  }
  tellClose(error: Error | undefined): void {
    // After our own FIN, the peer's may be told by the close alone.
    if (error === undefined) this.tellFinished();
    this.waitIsOver();
    this.settled = true;
  }

  override write(
    bytes: Uint8Array,
    offset = 0,
    length = bytes.length - offset,
  ): number {
    // The peer may have read it before write() returns.
    const at = this.tracer.moment;
    const taken = super.write(bytes, offset, length);
    const amount =
      taken === length
        ? plural(length, "byte")
        : `${formatCount(Math.max(taken, 0))} of ${plural(length, "byte")}`;
    const fate = taken < 0 ? " (the connection is gone)" : "";
    if (taken < 0) this.settled = true;
    const sent = Math.max(taken, 0);
    const facts = this.facts(sent, bytes.subarray(offset, offset + sent));
    const detail = `${amount} → ${this.peer}${fate}`;
    this.tracer.step(9, "write", detail, { ...facts, at });
    this.awaitRead();
    return taken;
  }
  override pause(): void {
    this.paused = true;
    this.waitIsOver();
    this.tracer.step(
      undefined,
      "pause",
      `${this.peer}: nothing is read`,
      this.facts(),
    );
    super.pause();
  }
  override resume(): void {
    this.paused = false;
    this.tracer.step(
      undefined,
      "resume",
      `${this.peer}: reading again`,
      this.facts(),
    );
    super.resume();
    this.awaitRead();
  }
  override shutdown(): void {
    this.tellFinish();
    super.shutdown();
  }
  override end(): void {
    this.tellFinish();
    this.settled = true;
    this.waitIsOver();
    super.end();
  }
  override terminate(): void {
    // It is gone already where a write met the peer's reset.
    const gone = this.settled;
    this.settled = true;
    this.waitIsOver();
    const facts = this.facts();
    this.tracer.reset(this.peer, gone, () => super.terminate(), facts);
  }
}

/**
 * A layer that tells what is written and read, and who finishes. What is not
 * traced pays nothing: the handlers themselves know nothing of it.
 */
export function traced(tracer: Tracer): Layer {
  return immediate((any) => {
    const inner = any as WireHandlers<unknown>;
    const handlers: WireHandlers<TracedWire> = {
      open(wire, permit) {
        const outer = new TracedWire(wire, tracer);
        // A client's data is there before it connects.
        outer.data = wire.data;
        wire.data = outer;
        inner.open(outer, permit);
        outer.served();
      },
      data({ data: wire }, chunk) {
        wire.waitIsOver();
        const amount = plural(chunk.length, "byte");
        wire.tellRead(`${amount} ← ${wire.peer}`, chunk);
        inner.data(wire, chunk);
        wire.served();
      },
      writable: ({ data: wire }) => inner.writable(wire),
      end({ data: wire }, truncated) {
        wire.tellFinished(truncated);
        inner.end(wire, truncated);
      },
      close({ data: wire }, error) {
        wire.tellClose(error);
        inner.close(wire, error);
      },
      error: ({ data: wire }, error) => inner.error(wire, error),
    };
    return handlers as unknown as AnyHandlers;
  });
}
