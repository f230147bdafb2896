import { Reason, whyOf } from "../../errors/errors.ts";
import { plainPem } from "./pem.ts";
import { SecureWire, secureHandlers, watchBelow } from "./secure.ts";
import { sniOf, verdictFor } from "./server-name.ts";
import type { Tracer } from "../trace/tracer.ts";
import type { Wire, WireHandlers } from "../wire.ts";

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

/** What TLS is told, for a client that trusts as `tls` says. */
function optionsOf(tls: ClientTls, host: string): Bun.TLSOptions {
  const { ca, cert, key, serverName = host } = tls;
  return {
    serverName: sniOf(serverName),
    // We judge ourselves: a handshake that Bun rejects can't be reset any more.
    rejectUnauthorized: false,
    ...(ca !== undefined && { ca: plainPem(ca) }),
    ...(cert !== undefined && { cert: plainPem(cert) }),
    ...(key !== undefined && { key: plainPem(key) }),
  };
}

export interface SecureClientOptions<Data> {
  tls: ClientTls;
  /** Whom the certificate is for, unless `tls` has another name. */
  host: string;
  /** Is told why a server is not to be trusted, or ended before that. */
  failed(wire: Wire<Data>, error: Error): void;
  tracer?: Tracer | undefined;
}

/**
 * Handlers of a client's plain socket, on which TLS begins at once: `inner` see
 * it from the end of the handshake on, if the server is to be trusted.
 */
export function secureClient<Data>(
  inner: WireHandlers<Data>,
  { tls, host, failed, tracer }: SecureClientOptions<Data>,
): WireHandlers<SecureWire<Data>> {
  const options = optionsOf(tls, host);
  const { insecure, fingerprint, serverName = host } = tls;

  function fail(wire: SecureWire<Data>, error: Error): void {
    wire.leave();
    failed(wire, error);
  }
  const { socket, closed } = secureHandlers(inner, {
    tracer,
    accepts(wire, done, why) {
      const { certificate } = wire;
      const seen = certificate?.fingerprint256;
      const told = { ok: done && wire.authorized, error: why };
      const { ok, error } = verdictFor(serverName, told, certificate);
      // Without a certificate there was no handshake, whatever is trusted.
      const good =
        fingerprint === undefined
          ? ok || (insecure === true && seen !== undefined)
          : seen !== undefined && plain(seen) === plain(fingerprint);
      if (good) return true;
      const reason =
        fingerprint !== undefined && seen !== undefined
          ? new Reason(
              "EFINGERPRINT",
              `its certificate's fingerprint is ${seen}`,
            )
          : (error ?? new Reason("EPROTO"));
      const who = `${wire.name}: ${whyOf(reason)}`;
      tracer?.step(undefined, "rejected", who, wire.facts);
      fail(wire, reason);
      wire.terminate();
      return false;
    },
    failed: (wire, error) => fail(wire, error ?? new Reason("EPROTO")),
  });

  return {
    open(wire) {
      const data = wire.data as Data;
      const secure = new SecureWire<Data>(wire, undefined);
      secure.data = data;
      secure.awaits(tracer);
      try {
        secure.begin({ tls: options, socket });
      } catch (error) {
        fail(secure, error as Error);
        secure.terminate();
      }
    },
    data: ({ data: secure }, chunk) => watchBelow(secure, chunk),
    // What else happens below happens to the socket above, too.
    writable() {},
    end() {},
    close: ({ data: secure }, error) => closed(secure, error),
    error({ data: secure }) {
      secure.terminate();
    },
  };
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}
