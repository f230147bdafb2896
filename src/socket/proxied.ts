import { Deadlines } from "./deadlines.ts";
import { Facade } from "./facade.ts";
import { HeaderReader, type HostPort } from "./proxy-header.ts";
import { peerName, type Wire, type WireHandlers } from "./wire.ts";

/** Why a connection got no further than its PROXY header. */
export type ProxyRejection =
  "proxy-malformed" | "proxy-late" | "proxy-absent" | "proxy-denied";

export interface ProxiedOptions {
  /** Milliseconds for the whole header to come. @default 10_000 */
  timeout?: number;
  /** Whether a peer is a proxy to be believed. @default all are */
  allowed?(address: string): boolean;
  /** Is told of a connection as it is closed; `why` it is malformed. */
  rejected?(reason: ProxyRejection, peer: string, why?: string): void;
}

/** Handlers that want a PROXY header, and what their server's stop needs. */
export interface Proxied<Data> {
  handlers: WireHandlers<ProxiedWire<Data>>;
  /** How many connections have not sent their header yet. */
  readonly waiting: number;
  /** From now on a header is awaited no more than `timeout` milliseconds. */
  hurry(timeout: number): void;
  /** Resets the connections without a header. @returns how many there were */
  stop(): number;
}

/**
 * - `waiting`: for the header.
 * - `relaying`: it has come; the inner handlers have the connection.
 * - `closed`: they have it no more, or never will.
 */
type Phase = "waiting" | "relaying" | "closed";

/** A socket whose peer is who the header says. */
class ProxiedWire<Data> extends Facade<Data> {
  phase: Phase = "waiting";
  reader: HeaderReader | undefined = new HeaderReader();
  source: HostPort | undefined = undefined;
  /** Who connected. One that has gone could not tell any more. */
  readonly direct = peerName(this.wire);

  override get remoteAddress(): string | undefined {
    return this.source?.address ?? super.remoteAddress;
  }
  override get remotePort(): number | undefined {
    return this.source?.port ?? super.remotePort;
  }
}

/**
 * Handlers for connections that begin with a PROXY header. `handlers` see one
 * from then on, with the client's address; of one without they see nothing.
 */
export function proxied<Data>(
  handlers: WireHandlers<Data>,
  { timeout = 10_000, allowed, rejected }: ProxiedOptions = {},
): Proxied<Data> {
  const waiting = new Deadlines<ProxiedWire<Data>>(timeout, (wire) => {
    reject(wire, "proxy-late");
    wire.terminate();
  });

  function reject(
    wire: ProxiedWire<Data>,
    reason: ProxyRejection,
    why?: string,
  ): void {
    wire.phase = "closed";
    waiting.remove(wire);
    rejected?.(reason, wire.direct, why);
  }

  function isAllowed({ remoteAddress, localAddress }: Wire): boolean {
    if (allowed === undefined) return true;
    if (remoteAddress !== undefined) return allowed(remoteAddress);
    // Who may connect to a Unix socket is said by its file's permissions; a TCP
    // peer without an address has vanished, but what it sent can still be read.
    return localAddress === undefined;
  }

  function readHeader(wire: ProxiedWire<Data>, chunk: Buffer): void {
    const reading = wire.reader!.read(chunk);
    if (reading.state === "more") return;
    if (reading.state === "malformed") {
      reject(wire, "proxy-malformed", reading.why);
      wire.terminate();
      return;
    }
    waiting.remove(wire);
    wire.reader = undefined;
    wire.source = reading.source;
    wire.phase = "relaying";
    handlers.open(wire);
    // `open` may have closed it.
    if (wire.phase === "relaying" && reading.used < chunk.length) {
      handlers.data(wire, chunk.subarray(reading.used));
    }
  }

  return {
    handlers: {
      open(wire) {
        const outer = new ProxiedWire<Data>(wire);
        wire.data = outer;
        if (isAllowed(wire)) {
          waiting.add(outer);
        } else {
          reject(outer, "proxy-denied");
          wire.terminate();
        }
      },
      data({ data: wire }, chunk) {
        if (wire.phase === "relaying") handlers.data(wire, chunk);
        else if (wire.phase === "waiting") readHeader(wire, chunk);
      },
      drain({ data: wire }) {
        if (wire.phase === "relaying") handlers.drain(wire);
      },
      end({ data: wire }) {
        if (wire.phase === "relaying") {
          handlers.end(wire);
        } else if (wire.phase === "waiting") {
          reject(wire, "proxy-absent");
          wire.end();
        }
      },
      close({ data: wire }, error) {
        if (wire.phase === "waiting") reject(wire, "proxy-absent");
        if (wire.phase !== "relaying") return;
        wire.phase = "closed";
        handlers.close(wire, error);
      },
      error({ data: wire }, error) {
        if (wire.phase === "relaying") handlers.error(wire, error);
        else wire.terminate();
      },
    },
    get waiting() {
      return waiting.size;
    },
    hurry: (time) => waiting.shorten(time),
    stop() {
      const left = waiting.takeAll();
      for (const wire of left) {
        wire.phase = "closed";
        wire.terminate();
      }
      return left.length;
    },
  };
}
