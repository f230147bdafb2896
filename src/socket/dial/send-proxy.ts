import { encodeHeader, type HostPort } from "../../protocol/proxy/header.ts";
import type { Tracer } from "../trace/tracer.ts";
import { peerName, type Wire, type WireHandlers } from "../wire.ts";

function end(address?: string, port?: number): HostPort | undefined {
  return address === undefined || port === undefined
    ? undefined
    : { address, port };
}

/** A connection's own PROXY header: the one a proxy with no clients sends. */
function ownHeader(wire: Wire, version: 1 | 2): Buffer {
  return encodeHeader(
    version,
    end(wire.localAddress, wire.localPort),
    end(wire.remoteAddress, wire.remotePort),
  );
}

/** Handlers of a client that sends a PROXY header before all else. */
export function withProxyHeader<Data>(
  handlers: WireHandlers<Data>,
  version: 1 | 2,
  tracer?: Tracer,
): WireHandlers<Data> {
  return {
    ...handlers,
    open(wire) {
      // The kernel takes it whole: it is shorter than any segment.
      wire.write(ownHeader(wire, version));
      tracer?.step(
        undefined,
        "header",
        `PROXY v${version} → ${peerName(wire)}`,
      );
      handlers.open(wire);
    },
  };
}
