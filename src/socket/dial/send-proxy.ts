import { encodeHeader, type HostPort } from "../../protocol/proxy/header.ts";
import { connectionOf } from "../trace/ends.ts";
import type { Tracer } from "../trace/tracer.ts";
import { peerName, type Wire, type WireHandlers } from "../wire.ts";

function end(address?: string, port?: number): HostPort | undefined {
  return address === undefined || port === undefined
    ? undefined
    : { address, port };
}

/** Where a connection comes from, and goes to. */
type Path = Pick<
  Wire,
  "localAddress" | "localPort" | "remoteAddress" | "remotePort"
>;

/** What a proxy that has accepted a connection says of it. */
export function clientHeader(wire: Path, version: 1 | 2): Buffer {
  return encodeHeader(
    version,
    end(wire.remoteAddress, wire.remotePort),
    end(wire.localAddress, wire.localPort),
  );
}

/** A connection's own PROXY header: the one a proxy with no clients sends. */
export function ownHeader(wire: Path, version: 1 | 2): Buffer {
  return encodeHeader(
    version,
    end(wire.localAddress, wire.localPort),
    end(wire.remoteAddress, wire.remotePort),
  );
}

/** The header that a socket begins with; its `data` says who it is from. */
export type HeaderOf = (wire: Wire, version: 1 | 2) => Buffer;

/** Handlers of a client that sends a PROXY header before all else. */
export function withProxyHeader<Data>(
  handlers: WireHandlers<Data>,
  version: 1 | 2,
  header: HeaderOf,
  tracer?: Tracer,
): WireHandlers<Data> {
  return {
    ...handlers,
    open(wire) {
      // The kernel takes it whole: it is shorter than any segment.
      wire.write(header(wire, version));
      tracer?.step(
        undefined,
        "header",
        `PROXY v${version} → ${peerName(wire)}`,
        { connection: connectionOf(wire), fd: wire.fd },
      );
      handlers.open(wire);
    },
  };
}
