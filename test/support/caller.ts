import type { Endpoint } from "../../src/address/endpoint.ts";

export interface CallerOptions {
  /** Is given what arrives, which is not kept then. */
  sink?: (chunk: Buffer) => void;
}

/**
 * A server's peer, by hand over Bun.connect, so that the server is not tested
 * with the project's own client.
 */
export class Caller implements AsyncDisposable {
  /** As the server tells it: `127.0.0.1:53124`. */
  name = "";
  received = 0;
  /** The server has sent its FIN. */
  finished = false;
  /** How the connection ended, once it has. */
  ended: "FIN" | "RST" | undefined;
  private arrived: Buffer[] = [];
  private unsent: Uint8Array[] = [];
  private finishing = false;
  private wake = () => {};
  private socket!: Bun.Socket;

  private constructor(private readonly options: CallerOptions) {}

  static async dial(
    endpoint: Endpoint,
    options: CallerOptions = {},
  ): Promise<Caller> {
    const caller = new Caller(options);
    const common = { socket: caller.handlers(), allowHalfOpen: true };
    caller.socket =
      endpoint.kind === "unix"
        ? await Bun.connect({ unix: endpoint.path, ...common })
        : await Bun.connect({
            hostname: endpoint.host,
            port: endpoint.port,
            ...common,
          });
    const { localAddress, localPort } = caller.socket;
    caller.name = localAddress?.includes(":")
      ? `[${localAddress}]:${localPort}`
      : `${localAddress}:${localPort}`;
    return caller;
  }

  /** Bytes that the kernel has not taken yet. */
  get owing(): number {
    return this.unsent.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  send(bytes: Uint8Array | string): void {
    this.unsent.push(typeof bytes === "string" ? Buffer.from(bytes) : bytes);
    this.flush();
  }

  /** The next `length` bytes; rejects when the connection ends before. */
  async receive(length: number): Promise<Buffer> {
    while (this.received < length) {
      if (this.finished || this.ended !== undefined) {
        throw new Error(`${this.received} of ${length} bytes came`);
      }
      await this.change();
    }
    const all = Buffer.concat(this.arrived);
    this.arrived = [all.subarray(length)];
    this.received -= length;
    return all.subarray(0, length);
  }

  /** All that is still to come, up to the server's FIN. */
  async rest(): Promise<Buffer> {
    while (!this.finished && this.ended === undefined) await this.change();
    if (this.ended === "RST") throw new Error("the server reset it");
    return Buffer.concat(this.arrived);
  }

  async closed(): Promise<"FIN" | "RST"> {
    while (this.ended === undefined) await this.change();
    return this.ended;
  }

  /** Sends the FIN behind what is still to be sent. */
  finish(): void {
    this.finishing = true;
    this.flush();
  }

  reset(): void {
    this.socket.terminate();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset();
    await this.closed();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private flush(): void {
    while (this.unsent.length > 0) {
      const first = this.unsent[0]!;
      const taken = this.socket.write(first);
      if (taken < first.length) {
        this.unsent[0] = first.subarray(Math.max(taken, 0));
        return;
      }
      this.unsent.shift();
    }
    if (this.finishing) this.socket.shutdown();
  }

  private handlers(): Bun.SocketHandler<undefined> {
    return {
      data: (_, chunk) => {
        this.received += chunk.length;
        if (this.options.sink === undefined) this.arrived.push(chunk);
        else this.options.sink(chunk);
        this.wake();
      },
      drain: () => this.flush(),
      end: (socket) => {
        this.finished = true;
        if (this.finishing && this.unsent.length === 0) socket.end();
        this.wake();
      },
      close: (_, error) => {
        const lost = error !== undefined || this.unsent.length > 0;
        this.ended = lost ? "RST" : "FIN";
        this.wake();
      },
    };
  }
}
