import { connect, type Socket } from "node:net";
import { once } from "node:events";

import type { Endpoint } from "../../src/address/endpoint.ts";

/** A peer that chooses the address it comes from, which Bun.connect can't. */
export class SourcedCaller implements Disposable {
  private readonly arrived: string[] = [];
  private over = false;
  private wake = () => {};

  private constructor(private readonly socket: Socket) {
    const end = () => {
      this.over = true;
      this.wake();
    };
    socket.on("data", (chunk) => {
      this.arrived.push(String(chunk));
      this.wake();
    });
    socket.on("error", end).on("close", end).on("end", end);
  }

  static async dial(
    endpoint: Endpoint,
    localAddress?: string,
  ): Promise<SourcedCaller> {
    if (endpoint.kind === "unix") throw new Error("it has no source address");
    const { port } = endpoint;
    const host = endpoint.host === "0.0.0.0" ? "127.0.0.1" : endpoint.host;
    const socket = connect({
      host,
      port,
      ...(localAddress !== undefined && { localAddress }),
    });
    const caller = new SourcedCaller(socket);
    await once(socket, "connect");
    return caller;
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** What arrives next; undefined once the connection is over. */
  async next(): Promise<string | undefined> {
    while (this.arrived.length === 0 && !this.over) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.arrived.shift();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
