import { Deadlines } from "../../socket/deadlines.ts";
import { Facade } from "../../socket/facade.ts";
import type { AnyHandlers, Layer } from "../../socket/layer.ts";
import { HeaderReader, type HostPort } from "../../protocol/proxy/header.ts";
import type { Tracer } from "../../socket/trace/tracer.ts";
import {
  peerName,
  type Permit,
  type Wire,
  type WireHandlers,
} from "../../socket/wire.ts";

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
  tracer?: Tracer | undefined;
}

/**
 * - `waiting`: for the header.
 * - `relaying`: it has come; the inner handlers have the connection.
 * - `closed`: they have it no more, or never will.
 */
type Phase = "waiting" | "relaying" | "closed";

/** A socket whose peer is who the header says. */
class ProxiedWire extends Facade<unknown> {
  phase: Phase = "waiting";
  reader: HeaderReader | undefined = new HeaderReader();
  source: HostPort | undefined = undefined;
  wait: Timer | undefined = undefined;
  /** Who connected. One that has gone could not tell any more. */
  readonly direct = peerName(this.wire);

  constructor(
    wire: Wire,
    readonly permit: Permit | undefined,
  ) {
    super(wire);
  }

  override get remoteAddress(): string | undefined {
    return this.source?.address ?? super.remoteAddress;
  }
  override get remotePort(): number | undefined {
    return this.source?.port ?? super.remotePort;
  }
}

/**
 * A layer for connections that begin with a PROXY header. The handlers inside
 * see one from then on, with the client's address; of one without they see
 * nothing.
 */
export function proxied({
  timeout = 10_000,
  allowed,
  rejected,
  tracer,
}: ProxiedOptions = {}): Layer {
  const waiting = new Deadlines<ProxiedWire>(timeout, (wire) => {
    reject(wire, "proxy-late");
    wire.terminate();
  });

  /** It comes no further. */
  function leave(wire: ProxiedWire): void {
    wire.phase = "closed";
    clearTimeout(wire.wait);
    wire.permit?.release();
  }
  function reject(
    wire: ProxiedWire,
    reason: ProxyRejection,
    why?: string,
  ): void {
    leave(wire);
    waiting.remove(wire);
    rejected?.(reason, wire.direct, why);
  }

  /** @returns whether it may be believed */
  function isAllowed(wire: ProxiedWire): boolean {
    const { remoteAddress, localAddress } = wire;
    if (allowed === undefined) return true;
    if (remoteAddress === undefined) {
      // Who may connect to a Unix socket is said by its file's permissions. A
      // TCP peer has vanished, but what it sent could still be read.
      if (localAddress === undefined) return true;
      reject(wire, "proxy-absent", "it was gone before it was accepted");
      return false;
    }
    if (allowed(remoteAddress)) return true;
    reject(wire, "proxy-denied");
    return false;
  }

  function wrap(any: AnyHandlers): AnyHandlers {
    const inner = any as WireHandlers<unknown>;

    function readHeader(wire: ProxiedWire, chunk: Buffer): void {
      const reading = wire.reader!.read(chunk);
      if (reading.state === "more") return;
      if (reading.state === "malformed") {
        reject(wire, "proxy-malformed", reading.why);
        wire.terminate();
        return;
      }
      waiting.remove(wire);
      clearTimeout(wire.wait);
      wire.reader = undefined;
      wire.source = reading.source;
      wire.phase = "relaying";
      tracer?.step(undefined, "header", `${peerName(wire)} by ${wire.direct}`);
      inner.open(wire, wire.permit);
      // `open` may have closed it.
      if (wire.phase === "relaying" && reading.used < chunk.length) {
        inner.data(wire, chunk.subarray(reading.used));
      }
    }

    const handlers: WireHandlers<ProxiedWire> = {
      open(wire, permit) {
        const outer = new ProxiedWire(wire, permit);
        wire.data = outer;
        if (!isAllowed(outer)) {
          wire.terminate();
          return;
        }
        waiting.add(outer);
        const what = `(10) read: no PROXY header from ${outer.direct} yet`;
        outer.wait = tracer?.waiting(what);
      },
      data({ data: wire }, chunk) {
        if (wire.phase === "relaying") inner.data(wire, chunk);
        else if (wire.phase === "waiting") readHeader(wire, chunk);
      },
      drain({ data: wire }) {
        if (wire.phase === "relaying") inner.drain(wire);
      },
      end({ data: wire }) {
        if (wire.phase === "relaying") {
          inner.end(wire);
        } else if (wire.phase === "waiting") {
          reject(wire, "proxy-absent");
          wire.end();
        }
      },
      close({ data: wire }, error) {
        if (wire.phase === "waiting") reject(wire, "proxy-absent");
        if (wire.phase !== "relaying") return;
        wire.phase = "closed";
        inner.close(wire, error);
      },
      error({ data: wire }, error) {
        if (wire.phase === "relaying") inner.error(wire, error);
        else wire.terminate();
      },
    };
    return handlers as unknown as AnyHandlers;
  }

  return {
    wrap,
    get waiting() {
      return waiting.size;
    },
    hurry: (time) => waiting.shorten(time),
    stop() {
      const left = waiting.takeAll();
      for (const wire of left) {
        leave(wire);
        wire.terminate();
      }
      return left.length;
    },
  };
}
