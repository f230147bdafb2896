import { Deadlines } from "../../socket/deadlines.ts";
import type { AnyHandlers, Layer } from "../../socket/layer.ts";
import { plainPem } from "../../socket/tls/pem.ts";
import {
  SecureWire,
  secureHandlers,
  watchBelow,
} from "../../socket/tls/secure.ts";
import type { Tracer } from "../../socket/trace/tracer.ts";
import type { WireHandlers } from "../../socket/wire.ts";

/** A TLS server's identity, and whom it wants to know. PEM texts. */
export interface ServerTls {
  cert: string;
  key: string;
  /** Clients must show a certificate that one of these signed. */
  clientCa?: string | undefined;
}

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
  /** Is told of a connection as it is closed; `why` its handshake failed. */
  rejected(reason: TlsRejection, peer: string, why?: string): void;
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
class Guest extends SecureWire<unknown> {
  ending: Deadlines<Guest> | undefined = undefined;

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
  identity: () => ServerTls,
  options: SecureServerOptions,
): SecureServer {
  const { rejected, tracer, within = 10_000, endWithin = 10_000 } = options;
  const waiting = new Deadlines<Guest>(within, (guest) => {
    reject(guest, "tls-late");
    guest.terminate();
  });
  // What the kernel has still reaches the peer then, and a FIN behind it.
  const ending = new Deadlines<Guest>(endWithin, (guest) => guest.endBelow());

  /** It comes no further. */
  function leave(guest: Guest): void {
    guest.phase = "closed";
    guest.waitIsOver();
    guest.permit?.release();
  }
  function reject(guest: Guest, reason: TlsRejection, why?: string): void {
    leave(guest);
    waiting.remove(guest);
    rejected(reason, guest.name, why);
  }

  const greeting = {
    tracer,
    accepts(guest: Guest, ok: boolean, error: Error | null): boolean {
      const known = identity().clientCa === undefined || guest.authorized;
      if (ok && known) {
        waiting.remove(guest);
        return true;
      }
      const stranger = "its certificate is of no trusted authority";
      reject(guest, "tls-failed", ok ? stranger : whyNot(error));
      guest.terminate();
      return false;
    },
    failed(guest: Guest, error: Error | undefined) {
      reject(guest, "tls-failed", whyNot(error));
    },
    closed: (guest: Guest) => void ending.remove(guest),
  };

  function wrap(inner: AnyHandlers): AnyHandlers {
    const { socket, closed } = secureHandlers(
      inner as WireHandlers<unknown>,
      greeting,
    );

    /** The peer speaks first in TLS. */
    function begin(guest: Guest, initialData: Buffer): void {
      const { cert, key, clientCa } = identity();
      const client =
        clientCa === undefined ? {} : { ca: clientCa, requestCert: true };
      const tls = { cert, key, ...client };
      try {
        guest.begin({ isServer: true, initialData, tls, socket });
        guest.ending = ending;
      } catch (error) {
        // An identity that TLS does not take.
        reject(guest, "tls-failed", (error as Error).message);
        guest.terminate();
      }
    }

    const below: WireHandlers<Guest> = {
      open(wire, permit) {
        const guest = new Guest(wire, permit);
        waiting.add(guest);
        guest.awaits(tracer);
      },
      data({ data: guest }, chunk) {
        if (guest.phase === "waiting") begin(guest, chunk);
        else watchBelow(guest, chunk);
      },
      drain() {},
      end({ data: guest }) {
        if (guest.phase !== "waiting") return;
        reject(guest, "tls-failed", whyNot(undefined));
        guest.end();
      },
      close: ({ data: guest }, error) => closed(guest, error),
      error({ data: guest }) {
        guest.terminate();
      },
    };
    return below as unknown as AnyHandlers;
  }

  return {
    wrap,
    get waiting() {
      return waiting.size;
    },
    get ending() {
      return ending.size;
    },
    hurry: (time) => waiting.shorten(time),
    stop() {
      const left = waiting.takeAll();
      for (const guest of left) leave(guest);
      for (const guest of [...left, ...ending.takeAll()]) guest.terminate();
      return left.length;
    },
  };
}

/** `http request`, `no shared cipher`: OpenSSL's reason, in its own words. */
function whyNot(error: Error | null | undefined): string {
  const [, reason] = /OPENSSL_internal:(\w+)/.exec(error?.message ?? "") ?? [];
  if (reason !== undefined) return reason.toLowerCase().replaceAll("_", " ");
  return "it ended before the handshake did";
}
