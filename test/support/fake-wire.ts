import type { Wire } from "../../src/socket/wire.ts";

/**
 * A socket whose kernel takes from each write as many bytes as the next of
 * `appetites` says, at most; -1 is a connection that is gone. When they are
 * used up, it takes everything.
 */
export class FakeWire<Data> implements Wire<Data> {
  data!: Data;
  localAddress: string | undefined = "127.0.0.1";
  localPort: number | undefined = 21567;
  remoteAddress: string | undefined = "127.0.0.1";
  remotePort: number | undefined = 53124;
  readonly fd = -1;
  readonly tls = undefined;
  readonly proxy = undefined;

  /** Each write, whole, as it was asked for. */
  readonly writes: Buffer[] = [];
  /** What was done besides writing. */
  readonly acts: string[] = [];
  private readonly pieces: Uint8Array[] = [];

  constructor(private appetites: readonly number[] = []) {}

  /** All that was taken. */
  get taken(): Buffer {
    return Buffer.concat(this.pieces);
  }

  write(bytes: Uint8Array, offset = 0, length = bytes.length - offset): number {
    const asked = Buffer.from(bytes.subarray(offset, offset + length));
    this.writes.push(asked);
    const [appetite = Infinity, ...later] = this.appetites;
    this.appetites = later;
    if (appetite < 0) return -1;
    const piece = asked.subarray(0, appetite);
    this.pieces.push(piece);
    return piece.length;
  }

  pause(): void {
    this.acts.push("pause");
  }
  resume(): void {
    this.acts.push("resume");
  }
  setKeepAlive(): void {
    this.acts.push("setKeepAlive");
  }
  upgradeTLS(): never {
    throw new Error("TLS wants a real socket");
  }
  shutdown(): void {
    this.acts.push("shutdown");
  }
  end(): void {
    this.acts.push("end");
  }
  terminate(): void {
    this.acts.push("terminate");
  }
}
