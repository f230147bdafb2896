import { Deadlines } from "../../socket/deadlines.ts";
import type { AnyHandlers, Layer } from "../../socket/layer.ts";
import { plainPem } from "../../socket/tls/pem.ts";
import {
  type HandshakeEvents,
  SecureWire,
  secureHandlers,
  watchBelow,
} from "../../socket/tls/secure.ts";
import type { Tracer } from "../../socket/trace/tracer.ts";
import type { Permit, WireHandlers } from "../../socket/wire.ts";
import { HeldBack, type RejectionHook } from "./held-back.ts";

/** A TLS server's identity, and whom it wants to know. PEM texts. */
export interface ServerTls {
  cert: string;
  key: string;
  /** Clients must show a certificate that one of these signed. */
  clientCa?: string | undefined;
}

/** What a connection is shown, now. */
export type Identity = (permit: Permit | undefined) => ServerTls;

/** With texts that TLS can read. */
export function plainIdentity({ cert, key, clientCa }: ServerTls): ServerTls {
  return {
    cert: plainPem(cert),
    key: plainPem(key),
    clientCa: clientCa && plainPem(clientCa),
  };
}

/** Why a connection got no further than its handshake. */
export type TlsRejection = "tls-failed" | "tls-late";

export interface SecureServerOptions {
  /** `why` its handshake failed. */
  rejected: RejectionHook<TlsRejection>;
  tracer?: Tracer | undefined;
  /** Milliseconds for a handshake. @default 10_000 */
  within?: number | undefined;
  /** Milliseconds for the peer's end of TLS, after ours. @default 10_000 */
  endWithin?: number | undefined;
}

/** A layer that speaks TLS. */
export interface SecureServer extends Layer {
  /** Connections that have ended their side, and await the peer's end. */
  readonly ending: number;
}

/** One whose end() has a deadline for the peer's. */
class AcceptedWire extends SecureWire<unknown> {
  ending: Deadlines<AcceptedWire> | undefined = undefined;

  override end(): void {
    this.ending?.add(this);
    super.end();
  }
}

/**
 * Speaks TLS on accepted sockets; those inside see what it carries, from the
 * end of the handshake on. Each connection takes the identity of its moment, so
 * that a new certificate disturbs none.
 */
export function secureServer(
  identity: Identity,
  options: SecureServerOptions,
): SecureServer {
  return new TlsLayer(identity, options);
}

class TlsLayer implements SecureServer, HandshakeEvents<AcceptedWire> {
  readonly tracer: Tracer | undefined;
  private readonly held: HeldBack<AcceptedWire, TlsRejection>;
  private readonly ends: Deadlines<AcceptedWire>;

  constructor(
    private readonly identity: Identity,
    options: SecureServerOptions,
  ) {
    const { rejected, tracer, within = 10_000, endWithin = 10_000 } = options;
    this.tracer = tracer;
    this.held = new HeldBack(within, "tls-late", rejected);
    // What the kernel has still reaches the peer then, and a FIN behind it.
    this.ends = new Deadlines(endWithin, (wire) => wire.endBelow());
  }

  get waiting(): number {
    return this.held.size;
  }
  get ending(): number {
    return this.ends.size;
  }
  hurry(timeout: number): void {
    this.held.hurry(timeout);
  }
  stop(): number {
    const left = this.held.reset();
    for (const wire of this.ends.takeAll()) wire.terminate();
    return left;
  }

  accepts(wire: AcceptedWire, ok: boolean, error: Error | null): boolean {
    const { clientCa } = this.identity(wire.permit);
    const isTrusted = clientCa === undefined || wire.authorized;
    if (ok && isTrusted) {
      this.held.pass(wire);
      return true;
    }
    const why = ok
      ? "its certificate is of no trusted authority"
      : whyNot(error);
    this.held.reject(wire, "tls-failed", why);
    wire.terminate();
    return false;
  }
  failed(wire: AcceptedWire, error: Error | undefined): void {
    this.held.reject(wire, "tls-failed", whyNot(error));
  }
  closed(wire: AcceptedWire): void {
    this.ends.remove(wire);
  }

  wrap(inner: AnyHandlers): AnyHandlers {
    const { held } = this;
    const { socket, closed } = secureHandlers(
      inner as WireHandlers<unknown>,
      this,
    );
    const below: WireHandlers<AcceptedWire> = {
      open: (wire, permit) => {
        const accepted = new AcceptedWire(wire, permit);
        held.add(accepted);
        accepted.awaits(this.tracer);
      },
      data: ({ data: wire }, chunk) => {
        if (wire.phase === "waiting") this.begin(wire, chunk, socket);
        else watchBelow(wire, chunk);
      },
      writable() {},
      end({ data: wire }) {
        if (wire.phase !== "waiting") return;
        held.reject(wire, "tls-failed", whyNot(undefined));
        wire.end();
      },
      close: ({ data: wire }, error) => closed(wire, error),
      error({ data: wire }) {
        wire.terminate();
      },
    };
    return below as unknown as AnyHandlers;
  }

  /** The peer speaks first in TLS. */
  private begin(
    wire: AcceptedWire,
    initialData: Buffer,
    socket: Bun.SocketHandler<undefined>,
  ): void {
    const { cert, key, clientCa } = this.identity(wire.permit);
    const client =
      clientCa === undefined ? {} : { ca: clientCa, requestCert: true };
    const tls = { cert, key, ...client };
    try {
      wire.begin({ isServer: true, initialData, tls, socket });
      wire.ending = this.ends;
    } catch (error) {
      // An identity that TLS does not take.
      this.held.reject(wire, "tls-failed", (error as Error).message);
      wire.terminate();
    }
  }
}

/** `http request`, `no shared cipher`: OpenSSL's reason, in its own words. */
function whyNot(error: Error | null | undefined): string {
  const [, reason] = /OPENSSL_internal:(\w+)/.exec(error?.message ?? "") ?? [];
  if (reason !== undefined) return reason.toLowerCase().replaceAll("_", " ");
  return "it ended before the handshake did";
}
