import { codeOf } from "../../errors/errors.ts";
import { Facade } from "../facade.ts";
import { type AnyHandlers, immediate, type Layer } from "../layer.ts";
import { peerName, type Wire, type WireHandlers } from "../wire.ts";
import { localName, type Tracer } from "./tracer.ts";

/**
 * A socket that knows its peer's name even when it is gone. It traces our resets
 * of connections that never reach the layer that traces bytes.
 */
export class NamedWire extends Facade<unknown> {
  readonly peer = peerName(this.wire);
  gone = false;

  constructor(
    wire: Wire,
    private readonly tracer: Tracer,
  ) {
    super(wire);
  }

  override terminate(): void {
    const { gone } = this;
    this.gone = true;
    this.tracer.reset(this.peer, gone, () => super.terminate());
  }
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
      const { peer } = wire;
      if (codeOf(error) === "ECONNRESET") {
        tracer.step(undefined, "reset", `RST ← ${peer}`);
      }
      tracer.step(undefined, "closed", peer);
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
    tracer.step(7, "connected", wire.peer);
  }
  return immediate((inner) => ends(inner, tracer, opened, () => {}));
}
