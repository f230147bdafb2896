import type { Wire } from "./wire.ts";

/**
 * Stands between a socket and its handlers, as a socket to them: does what it
 * is asked, but for what a subclass overrides.
 */
export class Facade<Data> implements Wire<Data> {
  data!: Data;

  constructor(protected readonly wire: Wire) {}

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

  write(bytes: Uint8Array, offset = 0, length = bytes.length - offset): number {
    return this.wire.write(bytes, offset, length);
  }
  pause(): void {
    this.wire.pause();
  }
  resume(): void {
    this.wire.resume();
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
}
