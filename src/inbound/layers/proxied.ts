import { Facade } from "../../socket/facade.ts";
import type { AnyHandlers, Layer } from "../../socket/layer.ts";
import { HeaderReader, type HostPort } from "../../protocol/proxy/header.ts";
import { connectionOf } from "../../socket/trace/ends.ts";
import type { Tracer } from "../../socket/trace/tracer.ts";
import {
  peerName,
  type Permit,
  type Wire,
  type WireHandlers,
} from "../../socket/wire.ts";
import { type Held, HeldBack, type RejectionHook } from "./held-back.ts";

/** Why a connection got no further than its PROXY header. */
export type ProxyRejection =
  "proxy-malformed" | "proxy-late" | "proxy-absent" | "proxy-denied";

export interface ProxiedOptions {
  /** Milliseconds for the whole header to come. @default 10_000 */
  timeout?: number;
  /** Whether a peer is a trusted proxy. @default all are */
  allowed?(address: string): boolean;
  /** `why` it is malformed. */
  rejected?: RejectionHook<ProxyRejection>;
  tracer?: Tracer | undefined;
}

/**
 * - `waiting`: for the header.
 * - `relaying`: it has come; the inner handlers have the connection.
 * - `closed`: they have it no more, or never will.
 */
type Phase = "waiting" | "relaying" | "closed";

/** A socket whose peer is who the header says. */
class ProxiedWire extends Facade<unknown> implements Held {
  phase: Phase = "waiting";
  reader: HeaderReader | undefined = new HeaderReader();
  source: HostPort | undefined = undefined;
  /** Tells, where that is traced, that its header is awaited. */
  wait: Timer | undefined = undefined;
  /** Who connected. One that has gone could not tell any more. */
  readonly name = peerName(this.wire);

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

  override get proxy(): string | undefined {
    return this.source === undefined ? super.proxy : this.name;
  }

  leave(): void {
    this.phase = "closed";
    clearTimeout(this.wait);
  }

  /** Its header has come. */
  pass(source: HostPort | undefined): void {
    this.phase = "relaying";
    clearTimeout(this.wait);
    this.reader = undefined;
    this.source = source;
  }
}

/**
 * A layer for connections that begin with a PROXY header. The handlers inside
 * see one from then on, with the client's address; of one without they see
 * nothing.
 */
export function proxied(options: ProxiedOptions = {}): Layer {
  return new ProxyLayer(options);
}

class ProxyLayer implements Layer {
  private readonly held: HeldBack<ProxiedWire, ProxyRejection>;

  constructor(private readonly options: ProxiedOptions) {
    const { timeout = 10_000, rejected = () => {} } = options;
    this.held = new HeldBack(timeout, "proxy-late", rejected);
  }

  get waiting(): number {
    return this.held.size;
  }
  hurry(timeout: number): void {
    this.held.hurry(timeout);
  }
  stop(): number {
    return this.held.reset();
  }

  wrap(any: AnyHandlers): AnyHandlers {
    const inner = any as WireHandlers<unknown>;
    const { held } = this;
    const handlers: WireHandlers<ProxiedWire> = {
      open: (wire, permit) => this.open(new ProxiedWire(wire, permit), wire),
      data: ({ data: wire }, chunk) => {
        if (wire.phase === "relaying") inner.data(wire, chunk);
        else if (wire.phase === "waiting") this.read(wire, chunk, inner);
      },
      writable({ data: wire }) {
        if (wire.phase === "relaying") inner.writable(wire);
      },
      end({ data: wire }, truncated) {
        if (wire.phase === "relaying") {
          inner.end(wire, truncated);
        } else if (wire.phase === "waiting") {
          held.reject(wire, "proxy-absent");
          wire.end();
        }
      },
      close({ data: wire }, error) {
        if (wire.phase === "waiting") held.reject(wire, "proxy-absent");
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

  private open(outer: ProxiedWire, wire: Wire<ProxiedWire>): void {
    wire.data = outer;
    if (!this.isFromTrusted(outer)) {
      wire.terminate();
      return;
    }
    this.held.add(outer);
    const what = `(10) read: no PROXY header from ${outer.name} yet`;
    const facts = () => ({ connection: connectionOf(outer), fd: outer.fd });
    outer.wait = this.options.tracer?.waiting(what, facts);
  }

  /** Whether it comes from a trusted proxy; if not, it is rejected. */
  private isFromTrusted(wire: ProxiedWire): boolean {
    const { remoteAddress, localAddress } = wire;
    const { allowed } = this.options;
    if (allowed === undefined) return true;
    if (remoteAddress === undefined) {
      // Who may connect to a Unix socket is said by its file's permissions. A
      // TCP peer has vanished, but what it sent could still be read.
      if (localAddress === undefined) return true;
      const why = "it was gone before it was accepted";
      this.held.reject(wire, "proxy-absent", why);
      return false;
    }
    if (allowed(remoteAddress)) return true;
    this.held.reject(wire, "proxy-denied");
    return false;
  }

  private read(
    wire: ProxiedWire,
    chunk: Buffer,
    inner: WireHandlers<unknown>,
  ): void {
    const reading = wire.reader!.read(chunk);
    if (reading.state === "more") return;
    if (reading.state === "malformed") {
      this.held.reject(wire, "proxy-malformed", reading.why);
      wire.terminate();
      return;
    }
    this.held.pass(wire);
    wire.pass(reading.source);
    const names = `${peerName(wire)} by ${wire.name}`;
    const facts = { connection: connectionOf(wire), fd: wire.fd };
    this.options.tracer?.step(undefined, "header", names, facts);
    inner.open(wire, wire.permit);
    // `open` may have closed it.
    if (wire.phase === "relaying" && reading.used < chunk.length) {
      inner.data(wire, chunk.subarray(reading.used));
    }
  }
}
