import { formatHostPort } from "../address/endpoint.ts";

/**
 * What the project asks of a connected socket: the part of `Bun.Socket` that
 * it uses. `--trace` and the tests stand in for a socket with it.
 */
export interface Wire<Data = unknown> {
  data: Data;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /** The kernel's number for it; below 0 once it is closed. */
  readonly fd: number;
  /**
   * The proxy that told, in a PROXY header, who the peer is; undefined where
   * none did.
   */
  readonly proxy: string | undefined;
  /** What TLS agreed on; undefined where the bytes are not carried by TLS. */
  readonly tls: TlsSession | undefined;
  /** How many of the bytes the kernel took; -1 once the connection is gone. */
  write(bytes: Uint8Array, offset?: number, length?: number): number;
  pause(): void;
  resume(): void;
  /** Has the kernel find out who is gone, after `delay` ms without a byte. */
  setKeepAlive(enable: boolean, delay: number): unknown;
  /** Sends our FIN; the peer may go on sending. */
  shutdown(): void;
  /** Closes both directions. */
  end(): void;
  /** Closes with a reset: what was not sent is dropped. */
  terminate(): void;
  /** Begins TLS on it. @returns what lies below TLS from now on, and above */
  upgradeTLS(options: Upgrade): [below: Wire, secure: Wire];
}

/** A TLS connection, from the end of its handshake on. */
export interface TlsSession {
  /** `TLSv1.3` */
  readonly version: string;
  /** `TLS_AES_128_GCM_SHA256` */
  readonly cipher: string;
  /** The name that the client asked for; undefined where it asked for none. */
  readonly serverName: string | undefined;
  /** Of the peer's certificate, `8F:EA:…`; undefined where it showed none. */
  readonly fingerprint: string | undefined;
  /**
   * Key material that both ends of this session have, and nobody else: RFC 5705.
   * It tells nothing of the session's own keys.
   */
  exportKey(length: number, label: string): Buffer;
}

/** Bun's options of upgradeTLS(); two of them are missing from its types. */
export interface Upgrade {
  /** Needed on the accepting side. */
  isServer?: true;
  /** What has been read already, and is TLS. */
  initialData?: Buffer;
  tls: Bun.TLSOptions;
  data: unknown;
  socket: Bun.SocketHandler<undefined>;
}

/**
 * A server's leave for one connection. It travels with it from layer to layer;
 * the one that holds it when the connection ends releases it.
 */
export interface Permit {
  release(): void;
}

/** The events of a connected socket, one set for all sockets of one kind. */
export interface WireHandlers<Data> {
  /** @param permit on a server; whoever takes it has to release it */
  open(wire: Wire<Data>, permit?: Permit): void;
  data(wire: Wire<Data>, chunk: Buffer): void;
  /** The kernel has room again. It is told when it had room all along, too. */
  writable(wire: Wire<Data>): void;
  /** The peer's FIN. @param truncated whether it came before the end of TLS */
  end(wire: Wire<Data>, truncated?: boolean): void;
  close(wire: Wire<Data>, error?: Error): void;
  /** A handler threw. */
  error(wire: Wire<Data>, error: Error): void;
}

/**
 * Handlers as Bun wants them: it has another name for `writable`, and types
 * `data` as set before `open`; ours may be set in `open`.
 */
export function bunHandlers(
  handlers: WireHandlers<never>,
): Bun.SocketHandler<undefined> {
  const { writable, ...others } = handlers;
  const all = { ...others, drain: writable };
  return all as unknown as Bun.SocketHandler<undefined>;
}

/** Who a connection is from, as it was told when it was accepted. */
export type Origin = Pick<
  Wire,
  "localAddress" | "remoteAddress" | "remotePort"
>;

/**
 * `127.0.0.1:53124`. The peers of a Unix socket have no names, and one that was
 * gone before it was accepted has none any more.
 */
export function peerName(from: Origin): string {
  const { remoteAddress, remotePort, localAddress } = from;
  if (remoteAddress !== undefined) {
    return formatHostPort(remoteAddress, remotePort ?? 0);
  }
  return localAddress === undefined ? "unix peer" : "vanished peer";
}
