import { Deadlines } from "./deadlines.ts";
import { Reason } from "./errors.ts";
import { localName, type Tracer } from "./trace.ts";
import { peerName, type Wire, type WireHandlers } from "./wire.ts";

/** Whom a TLS client trusts, and who it is. PEM texts. */
export interface ClientTls {
  /** Instead of the system's authorities. */
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  /** The name that the certificate must be for; the host's by default. */
  serverName?: string | undefined;
  /** Trusts any certificate. */
  insecure?: boolean | undefined;
  /** Trusts the one certificate with this SHA-256 fingerprint, and no other. */
  fingerprint?: string | undefined;
}

/** A TLS server's identity, and whom it wants to know. PEM texts. */
export interface ServerTls {
  cert: string;
  key: string;
  /** Clients must show a certificate that one of these signed. */
  clientCa?: string | undefined;
}

/** What of a TLS socket is used beyond a plain one's. */
export interface TlsWire<Data = unknown> extends Wire<Data> {
  readonly authorized: boolean;
  getTLSVersion(): string;
  getCipher(): { name: string };
  getPeerCertificate(): PeerCertificate | undefined;
}

export interface PeerCertificate {
  subject?: { CN?: string };
  valid_to?: string;
  /** `8F:EA:…` */
  fingerprint256?: string;
}

/** Handlers of a TLS socket, as Bun wants them. */
export interface TlsHandlers<Data> extends WireHandlers<Data> {
  handshake(wire: TlsWire<Data>, ok: boolean, error: Error | null): void;
}

/** How a handshake went, for whom it concerns. */
interface Greeting<Data> {
  /** @returns whether the connection is good; if not, it is seen to */
  accepts(wire: TlsWire<Data>, ok: boolean, error: Error | null): boolean;
  /** It ended before it was good. */
  failed(wire: Wire<Data>, error: Error | undefined): void;
  tracer: Tracer | undefined;
}

/** Bun's `open` comes before the handshake; ours after it. */
function afterHandshake<Data>(
  handlers: WireHandlers<Data>,
  { accepts, failed, tracer }: Greeting<Data>,
): TlsHandlers<Data> {
  const open = new WeakSet<Wire<Data>>();
  return {
    data: handlers.data,
    open(wire) {
      tracer?.connectFrom(localName(wire));
    },
    handshake(wire, ok, error) {
      if (!accepts(wire, ok, error)) return;
      tracer?.step(undefined, "tls", describe(wire));
      open.add(wire);
      handlers.open(wire);
    },
    drain(wire) {
      if (open.has(wire)) handlers.drain(wire);
    },
    end(wire) {
      if (open.has(wire)) handlers.end(wire);
      else wire.end();
    },
    close(wire, error) {
      if (open.has(wire)) handlers.close(wire, error);
      else failed(wire, error);
    },
    error(wire, error) {
      if (!open.has(wire)) {
        failed(wire, meant(error));
      } else if (OF_TLS.test(error.message)) {
        // What came is none of TLS any more: as if the peer had reset it.
        open.delete(wire);
        const told = meant(error);
        const reset = new Reason("ECONNRESET");
        handlers.close(wire, told === error ? reset : told);
        wire.terminate();
      } else {
        handlers.error(wire, error);
      }
    },
  };
}

/** Bun tells a peer's faults as it tells a throw of our own code. */
const OF_TLS = /OPENSSL_internal|SSL_|_ALERT_/;

/** TLS tells only in an alert's name that it was about our certificate. */
function meant(error: Error): Error {
  return /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA)/.test(error.message)
    ? new Reason("ECLIENTCERT")
    : error;
}

/** `TLSv1.3, TLS_AES_128_GCM_SHA256, sounder (until Nov 1 …), SHA-256 8F:EA:…` */
function describe(wire: TlsWire): string {
  const certificate = wire.getPeerCertificate();
  const parts = [wire.getTLSVersion(), wire.getCipher().name];
  if (certificate?.fingerprint256 !== undefined) {
    const { subject, valid_to: until, fingerprint256 } = certificate;
    parts.push(`${subject?.CN ?? "no name"} (until ${until})`);
    parts.push(`SHA-256 ${fingerprint256}`);
  }
  return parts.join(", ");
}

/** `http request`, `no shared cipher`: OpenSSL's reason, in its own words. */
function whyNot(error: Error | null | undefined): string {
  const [, reason] = /OPENSSL_internal:(\w+)/.exec(error?.message ?? "") ?? [];
  if (reason !== undefined) return reason.toLowerCase().replaceAll("_", " ");
  return "it ended before the handshake did";
}

/** How long a peer may take for its handshake, in milliseconds. */
export const HANDSHAKE_WITHIN = 10_000;

/** How long a peer may take for its end of TLS once we have ended ours. */
const END_WITHIN = 10_000;

/** What is below TLS. */
type Bare = Pick<Wire, "end" | "terminate">;

/** An accepted plain socket, which can be made a TLS server's. */
interface Accepted extends Bare {
  upgradeTLS(options: {
    // Missing from Bun's types, and needed on the accepting side.
    isServer: true;
    tls: Bun.TLSOptions;
    data: undefined;
    socket: Bun.SocketHandler<undefined>;
  }): [bare: Bare, secure: Wire];
}

/**
 * Bun's end() of a TLS socket waits for the peer's close_notify, for ever if
 * need be, and from then on its terminate() does nothing: only the plain socket
 * below it can still be closed.
 */
function makeClosable(secure: Wire, bare: Bare, ended: () => void): void {
  const end = secure.end.bind(secure);
  Object.defineProperties(secure, {
    terminate: { value: () => bare.terminate() },
    end: {
      value() {
        ended();
        end();
      },
    },
  });
}

/** Handlers that speak TLS, and what their server's stop needs. */
export interface SecureServer {
  handlers: WireHandlers<undefined>;
  /** How many handshakes are under way. */
  readonly waiting: number;
  /** From now on a handshake may take no more than `timeout` milliseconds. */
  hurry(timeout: number): void;
  /** Resets the connections without one. @returns how many there were */
  stop(): number;
}

/**
 * Handlers for accepted plain sockets that speak TLS on them; those inside see
 * what TLS carries, from the end of the handshake on. Each connection takes
 * the identity of its moment, so that a new certificate disturbs none.
 */
export function secureServer<Data>(
  inside: WireHandlers<Data>,
  identity: () => ServerTls,
  options: {
    /** `tls-failed`: the handshake did, and why; `tls-late`: it took too long. */
    rejected(
      reason: "tls-failed" | "tls-late",
      peer: string,
      why?: string,
    ): void;
    /** A handshake is over, good or not; so is what its address is held for. */
    settled?(address: string | undefined): void;
    tracer?: Tracer | undefined;
    within?: number | undefined;
    endWithin?: number | undefined;
  },
): SecureServer {
  const { tracer } = options;
  const { within = HANDSHAKE_WITHIN, endWithin = END_WITHIN } = options;
  const waiting = new Deadlines<Wire<Data>>(within, (wire) => {
    options.rejected("tls-late", peerName(wire));
    settle(wire);
    wire.terminate();
  });
  const below = new WeakMap<Wire, Bare>();
  // What the kernel has still reaches the peer then, and a FIN behind it.
  const ending = new Deadlines<Wire>(endWithin, (wire) => {
    below.get(wire)!.end();
  });
  /** One that has gone can't tell any more who it was. */
  const guests = new WeakMap<Wire, { name: string; address?: string }>();
  function rejected(wire: Wire<Data>, why: string): void {
    options.rejected("tls-failed", guests.get(wire)!.name, why);
  }
  function settle(wire: Wire): void {
    options.settled?.(guests.get(wire)!.address);
  }
  const inner = afterHandshake(inside, {
    tracer,
    accepts(wire, ok, error) {
      const expected = waiting.remove(wire);
      if (expected) settle(wire);
      const good = ok && (identity().clientCa === undefined || wire.authorized);
      if (good && expected) return true;
      if (expected) {
        rejected(
          wire,
          ok ? "its certificate is of no trusted authority" : whyNot(error),
        );
      }
      wire.terminate();
      return false;
    },
    failed(wire, error) {
      if (!waiting.remove(wire)) return;
      settle(wire);
      rejected(wire, whyNot(error));
    },
  });
  const socket = {
    ...inner,
    open(wire: Wire<Data>) {
      waiting.add(wire);
      const name = peerName(wire);
      const { remoteAddress: address } = wire;
      guests.set(wire, address === undefined ? { name } : { name, address });
    },
    close(wire: Wire<Data>, error?: Error) {
      ending.remove(wire);
      inner.close(wire, error);
    },
  } as unknown as Bun.SocketHandler<undefined>;

  const handlers: WireHandlers<undefined> = {
    open(accepted) {
      const { cert, key, clientCa } = identity();
      const client =
        clientCa === undefined ? {} : { ca: clientCa, requestCert: true };
      try {
        const [bare, secure] = (accepted as unknown as Accepted).upgradeTLS({
          isServer: true,
          tls: { cert, key, ...client },
          data: undefined,
          socket,
        });
        below.set(secure, bare);
        makeClosable(secure, bare, () => ending.add(secure));
      } catch (error) {
        // An identity that TLS does not take.
        const why = (error as Error).message;
        options.rejected("tls-failed", peerName(accepted), why);
        options.settled?.(accepted.remoteAddress);
        accepted.terminate();
      }
    },
    // What happens to the inner socket happens to this one too, encrypted.
    data() {},
    drain() {},
    end() {},
    close() {},
    error(wire) {
      wire.terminate();
    },
  };
  return {
    handlers,
    get waiting() {
      return waiting.size;
    },
    hurry: (time) => waiting.shorten(time),
    stop() {
      const left = waiting.takeAll();
      for (const wire of [...left, ...ending.takeAll()]) wire.terminate();
      return left.length;
    },
  };
}

/** What Bun.connect is told, for a client that trusts as `tls` says. */
export function clientOptions(tls: ClientTls, host: string): Bun.TLSOptions {
  const { ca, cert, key, serverName = host, insecure, fingerprint } = tls;
  return {
    serverName,
    // With a fingerprint, the handshake's own verdict is not what counts.
    rejectUnauthorized: !insecure && fingerprint === undefined,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/**
 * Handlers of a client's TLS socket: `handlers` see it from the end of the
 * handshake on, if the server is to be trusted.
 * @param failed is told why not, or why it ended before that
 */
export function secureClient<Data>(
  handlers: WireHandlers<Data>,
  { insecure, fingerprint }: ClientTls,
  failed: (wire: Wire<Data>, error: Error) => void,
  tracer?: Tracer,
): TlsHandlers<Data> {
  return afterHandshake(handlers, {
    tracer,
    accepts(wire, ok, error) {
      const seen = wire.getPeerCertificate()?.fingerprint256;
      // Without a certificate there was no handshake, whatever is trusted.
      const good =
        fingerprint === undefined
          ? ok || (insecure === true && seen !== undefined)
          : seen !== undefined && plain(seen) === plain(fingerprint);
      if (good) return true;
      failed(
        wire,
        fingerprint !== undefined && seen !== undefined
          ? new Reason(
              "EFINGERPRINT",
              `its certificate's fingerprint is ${seen}`,
            )
          : (error ?? new Reason("EPROTO")),
      );
      wire.terminate();
      return false;
    },
    failed: (wire, error) => failed(wire, error ?? new Reason("EPROTO")),
  });
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}
