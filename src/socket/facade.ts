import type { TlsSession, Upgrade, Wire } from "./wire.ts";

/**
 * Stands between a socket and its handlers, as a socket to them: does what it
 * is asked, but for what a subclass overrides. It is its socket's `data`.
 */
export class Facade<Data> implements Wire<Data> {
  data!: Data;

  constructor(protected wire: Wire) {}

  /** The socket that it stands before. */
  get beneath(): Wire {
    return this.wire;
  }

  get localAddress(): string | undefined {
    return this.wire.localAddress;
  }
  get localPort(): number | undefined {
    return this.wire.localPort;
  }
  get remoteAddress(): string | undefined {
    return this.wire.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.wire.remotePort;
  }
  get fd(): number {
    return this.wire.fd;
  }
  get proxy(): string | undefined {
    return this.wire.proxy;
  }
  get tls(): TlsSession | undefined {
    return this.wire.tls;
  }

  write(bytes: Uint8Array, offset = 0, length = bytes.length - offset): number {
    return this.wire.write(bytes, offset, length);
  }
  pause(): void {
    this.wire.pause();
  }
  resume(): void {
    this.wire.resume();
  }
  setKeepAlive(enable: boolean, delay: number): unknown {
    return this.wire.setKeepAlive(enable, delay);
  }
  shutdown(): void {
    this.wire.shutdown();
  }
  end(): void {
    this.wire.end();
  }
  terminate(): void {
    this.wire.terminate();
  }
  /** Bun tells what happens below TLS of another socket than before. */
  upgradeTLS(options: Upgrade): [below: Wire, secure: Wire] {
    const [below, secure] = this.wire.upgradeTLS(options);
    below.data = this;
    this.wire = below;
    return [this, secure];
  }
}
