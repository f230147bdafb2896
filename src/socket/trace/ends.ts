import { codeOf } from "../../errors/errors.ts";
import { tcpStateOf } from "../../kernel/tcp-table.ts";
import { Facade } from "../facade.ts";
import { type AnyHandlers, immediate, type Layer } from "../layer.ts";
import { peerName, type Wire, type WireHandlers } from "../wire.ts";
import type { Facts } from "./event.ts";
import { localName, type Tracer } from "./tracer.ts";

/**
 * A socket that knows its peer's name even when it is gone. It traces our resets
 * of connections that never reach the layer that traces bytes.
 */
export class NamedWire extends Facade<unknown> {
  readonly peer = peerName(this.wire);
  readonly local = localName(this.wire);
  gone = false;
  /** Both ends, which a closed socket does not tell any more. */
  readonly ends = endsOf(this.wire);
  /** Its number among those that this side has traced. */
  readonly connection: number;

  constructor(
    wire: Wire,
    private readonly tracer: Tracer,
  ) {
    super(wire);
    this.connection = tracer.opened();
  }

  /** What is told of it, besides words. */
  get facts(): Facts {
    const { connection, local, peer, fd } = this;
    return { connection, local: local || undefined, peer, fd };
  }

  override terminate(): void {
    const { gone, facts } = this;
    this.gone = true;
    this.tracer.reset(this.peer, gone, () => super.terminate(), facts);
  }
}

/**
 * The number that the outermost layer gave it; undefined of what has none. One
 * above TLS stands before another socket than that layer's, and remembers it.
 */
export function connectionOf(wire: Wire): number | undefined {
  for (let one: unknown = wire; one instanceof Facade; one = one.beneath) {
    if ("connection" in one && typeof one.connection === "number") {
      return one.connection;
    }
  }
  return undefined;
}

function endsOf(wire: Wire) {
  const { localAddress, localPort, remoteAddress, remotePort } = wire;
  if (localAddress === undefined || remoteAddress === undefined) {
    return undefined;
  }
  return [
    { address: localAddress, port: localPort ?? 0 },
    { address: remoteAddress, port: remotePort ?? 0 },
  ] as const;
}

/**
 * Tells what is left of a closed connection in the kernel: the side that closed
 * first keeps its port in TIME-WAIT.
 */
function tellRest(tracer: Tracer, wire: NamedWire): void {
  const { ends: both, facts } = wire;
  if (both === undefined) return;
  const state = tcpStateOf(...both);
  if (state === undefined) return;
  tracer.fact("state", `the kernel has it as ${state}`, { ...facts, state });
}

/** Handlers that tell how a socket begins and ends, whatever lies between. */
export function ends(
  any: AnyHandlers,
  tracer: Tracer,
  opened: (wire: NamedWire) => void,
  closed: () => void,
): AnyHandlers {
  const inner = any as WireHandlers<unknown>;
  const handlers: WireHandlers<NamedWire> = {
    open(wire, permit) {
      const outer = new NamedWire(wire, tracer);
      outer.data = wire.data;
      wire.data = outer;
      opened(outer);
      inner.open(outer, permit);
    },
    data: ({ data: wire }, chunk) => inner.data(wire, chunk),
    writable: ({ data: wire }) => inner.writable(wire),
    end: ({ data: wire }, truncated) => inner.end(wire, truncated),
    close({ data: wire }, error) {
      wire.gone = true;
      inner.close(wire, error);
      const { peer, facts } = wire;
      if (codeOf(error) === "ECONNRESET") {
        tracer.step(undefined, "reset", `RST ← ${peer}`, facts);
      }
      tracer.step(undefined, "closed", peer, facts);
      if (tracer.isObserved) tellRest(tracer, wire);
      closed();
    },
    error: ({ data: wire }, error) => inner.error(wire, error),
  };
  return handlers as unknown as AnyHandlers;
}

/** The outermost layer of a client: tells that it is connected, and closed. */
export function traceConnect(tracer: Tracer): Layer {
  function opened(wire: NamedWire): void {
    tracer.connectFrom(localName(wire));
    tracer.step(7, "connected", wire.peer, wire.facts);
  }
  return immediate((inner) => ends(inner, tracer, opened, () => {}));
}
