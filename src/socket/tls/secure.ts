import { Reason } from "../../errors/errors.ts";
import { Facade } from "../facade.ts";
import { release } from "../release.ts";
import { TlsRecords } from "./records.ts";
import { connectionOf } from "../trace/ends.ts";
import type { Facts } from "../trace/event.ts";
import type { Tracer } from "../trace/tracer.ts";
import {
  peerName,
  type Permit,
  type TlsSession,
  type Upgrade,
  type Wire,
  type WireHandlers,
} from "../wire.ts";

/** What of a TLS socket is used beyond a plain one's. */
interface TlsWire extends Wire {
  readonly authorized: boolean;
  getTLSVersion(): string;
  getCipher(): { name: string };
  getServername(): string | undefined;
  getPeerCertificate(): PeerCertificate | undefined;
  exportKeyingMaterial(length: number, label: string): Buffer;
}

interface PeerCertificate {
  subject?: { CN?: string };
  valid_to?: string;
  /** `8F:EA:…` */
  fingerprint256?: string;
}

/**
 * - `waiting`: a server's has read nothing yet.
 * - `handshaking`: TLS has begun.
 * - `open`: the inner handlers have the connection.
 * - `closed`: they have it no more, or never will.
 */
type Phase = "waiting" | "handshaking" | "open" | "closed";

type Path = Pick<
  Wire,
  "localAddress" | "localPort" | "remoteAddress" | "remotePort"
>;

/**
 * What TLS carries over a socket, as a socket. It can always be closed: Bun's
 * end() of a TLS socket waits for the peer's close_notify, for ever if need be,
 * and from then on its terminate() does nothing; so the socket below is closed.
 */
export class SecureWire<Data> extends Facade<Data> {
  phase: Phase = "waiting";
  readonly records = new TlsRecords();
  readonly name: string;
  /** One that has gone can't tell any more who it was. */
  private readonly path: Path;
  private readonly proxied: string | undefined;
  /** Its number in a trace. */
  readonly connection: number | undefined;
  private beginning = false;
  private terminated = false;
  private ended = false;
  private version = "";
  private wait: Timer | undefined = undefined;
  private tracer: Tracer | undefined = undefined;
  /** Its peer's FIN was told. */
  finished = false;

  constructor(
    private below: Wire,
    readonly permit: Permit | undefined,
  ) {
    super(below);
    this.name = peerName(below);
    this.proxied = below.proxy;
    this.connection = connectionOf(below);
    const { localAddress, localPort, remoteAddress, remotePort } = below;
    this.path = { localAddress, localPort, remoteAddress, remotePort };
    below.data = this;
  }

  override get localAddress(): string | undefined {
    return this.path.localAddress;
  }
  override get localPort(): number | undefined {
    return this.path.localPort;
  }
  override get remoteAddress(): string | undefined {
    return this.path.remoteAddress;
  }
  override get remotePort(): number | undefined {
    return this.path.remotePort;
  }

  /** Traces that the peer's part of the handshake is awaited, if it takes long. */
  awaits(tracer: Tracer | undefined): void {
    this.tracer = tracer;
    const what = `(10) read: no TLS handshake from ${this.name} yet`;
    this.wait = tracer?.waiting(what, () => this.facts);
  }
  waitIsOver(): void {
    clearTimeout(this.wait);
  }
  /** What is told of it, besides words. */
  get facts(): Facts {
    const { connection, fd, name: peer } = this;
    return { connection, fd, peer };
  }

  /** @throws if TLS does not take the options */
  begin(options: Omit<Upgrade, "data">): void {
    this.phase = "handshaking";
    if (options.initialData !== undefined) {
      this.records.received(options.initialData);
    }
    const upgrade = { ...options, data: this };
    this.beginning = true;
    [this.below, this.wire] = this.below.upgradeTLS(upgrade);
    this.beginning = false;
  }
  /** What was read already may be told of before begin() knows the sockets. */
  begun(secure: Wire): void {
    if (this.beginning) this.wire = this.below = secure;
  }

  /** Of the socket below: for what only the kernel does, or tells. */
  override get fd(): number {
    return this.below.fd;
  }
  override get proxy(): string | undefined {
    return this.proxied;
  }
  override get tls(): TlsSession {
    const { secure, version, certificate } = this;
    return {
      version,
      cipher: secure.getCipher().name,
      serverName: secure.getServername() || undefined,
      fingerprint: certificate?.fingerprint256,
      exportKey: (length, label) => secure.exportKeyingMaterial(length, label),
    };
  }
  private get secure(): TlsWire {
    return this.wire as TlsWire;
  }
  get authorized(): boolean {
    return this.secure.authorized;
  }
  get certificate(): PeerCertificate | undefined {
    return this.secure.getPeerCertificate();
  }
  /** The handshake is good. */
  opened(): void {
    this.waitIsOver();
    this.phase = "open";
    this.version = this.secure.getTLSVersion();
  }
  /** Whether a FIN that comes now comes before the peer's end of TLS. */
  get truncated(): boolean {
    return this.records.truncated(this.version);
  }
  /** Whether it is we who closed it. */
  get closing(): boolean {
    return this.terminated || this.ended;
  }

  /** `TLSv1.3, TLS_AES_128_GCM_SHA256, sounder (until Nov 1 …), SHA-256 8F:…` */
  describe(): string {
    const { certificate } = this;
    const parts = [this.version, this.secure.getCipher().name];
    if (certificate?.fingerprint256 !== undefined) {
      const { subject, valid_to: until, fingerprint256 } = certificate;
      parts.push(`${subject?.CN ?? "no name"} (until ${until})`);
      parts.push(`SHA-256 ${fingerprint256}`);
    }
    return parts.join(", ");
  }

  override end(): void {
    this.ended = true;
    super.end();
  }
  override terminate(): void {
    const gone = this.terminated;
    this.terminated = true;
    const reset = () => this.below.terminate();
    if (this.tracer === undefined) reset();
    else this.tracer.reset(this.name, gone, reset, this.facts);
  }
  /** Its inner handlers have it no more, or never will. */
  leave(): void {
    this.phase = "closed";
    this.waitIsOver();
  }
  /** Closes without waiting: what the kernel has still goes out, then a FIN. */
  endBelow(): void {
    this.below.end();
  }
}

/** What a handshake comes to. */
export interface HandshakeEvents<One> {
  /** @returns whether the connection is good; if not, it is seen to */
  accepts(wire: One, ok: boolean, error: Error | null): boolean;
  /** It ended before it was good. */
  failed(wire: One, error: Error | undefined): void;
  /** It is over, whether it ever was good or not. */
  closed?(wire: One): void;
  tracer: Tracer | undefined;
}

/** Handlers of a TLS socket, and of what lies below it. */
export interface SecureHandlers<Data> {
  /** As Bun wants them. */
  socket: Bun.SocketHandler<undefined>;
  /** What lies below is closed, which Bun tells before the socket's own end. */
  closed(wire: SecureWire<Data>, error: Error | undefined): void;
}

/** `inner` see a TLS socket once its handshake is good. */
export function secureHandlers<Data>(
  inner: WireHandlers<Data>,
  events: HandshakeEvents<SecureWire<Data>>,
): SecureHandlers<Data> {
  type Secure = Wire<SecureWire<Data>>;

  function finished(wire: SecureWire<Data>): void {
    if (wire.finished || wire.closing) return;
    wire.finished = true;
    inner.end(wire, wire.truncated);
  }
  function closed(wire: SecureWire<Data>, error: Error | undefined): void {
    // After our own FIN, the peer's is told by the close alone.
    if (wire.phase === "open" && error === undefined) finished(wire);
    const was = wire.phase;
    wire.phase = "closed";
    if (was === "open") inner.close(wire, error);
    else if (was !== "closed") events.failed(wire, error);
    events.closed?.(wire);
  }
  const handlers = {
    open: (secure: Secure) => secure.data.begun(secure),
    handshake({ data: wire }: Secure, ok: boolean, error: Error | null) {
      if (wire.phase !== "handshaking") return;
      if (!events.accepts(wire, ok, error)) return;
      wire.opened();
      events.tracer?.step(undefined, "tls", wire.describe(), wire.facts);
      inner.open(wire, wire.permit);
    },
    data({ data: wire }: Secure, chunk: Buffer) {
      wire.records.delivered(chunk.length);
      if (wire.phase === "open") inner.data(wire, chunk);
    },
    drain({ data: wire }: Secure) {
      if (wire.phase === "open") inner.writable(wire);
    },
    end({ data: wire }: Secure) {
      if (wire.phase === "open") finished(wire);
      else wire.end();
    },
    close: ({ data: wire }: Secure, error?: Error) => closed(wire, error),
    error({ data: wire }: Secure, error: Error) {
      if (wire.phase === "handshaking") {
        wire.phase = "closed";
        events.failed(wire, meant(error));
        wire.terminate();
      } else if (wire.phase === "open" && OF_TLS.test(error.message)) {
        // What came is none of TLS any more: as if the peer had reset it.
        wire.phase = "closed";
        const told = meant(error);
        const reset = new Reason("ECONNRESET");
        inner.close(wire, told === error ? reset : told);
        wire.terminate();
      } else if (wire.phase === "open") {
        inner.error(wire, error);
      }
    },
  };
  const socket = handlers as unknown as Bun.SocketHandler<undefined>;
  return { socket, closed };
}

/** Looks at what comes below TLS, which has read it when this is told. */
export function watchBelow<Data>(wire: SecureWire<Data>, chunk: Buffer): void {
  wire.records.received(chunk);
  release(chunk);
}

/** Bun tells a peer's faults as it tells a throw of our own code. */
const OF_TLS = /OPENSSL_internal|SSL_|_ALERT_/;

/** TLS tells only in an alert's name that it was about our certificate. */
function meant(error: Error): Error {
  return /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA)/.test(error.message)
    ? new Reason("ECLIENTCERT")
    : error;
}
