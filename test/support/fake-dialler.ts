import type { LoadConnection } from "../../src/load/connections/connection.ts";
import { Reason } from "../../src/errors/errors.ts";
import type { dialler } from "../../src/socket/dial/dial.ts";
import type { WireHandlers } from "../../src/socket/wire.ts";
import { FakeWire } from "./fake-wire.ts";

type Wire = FakeWire<LoadConnection>;

/** A server without sockets, and the way to dial it. */
export class FakeServer {
  /** Those that were dialled, in order. */
  readonly wires: Wire[] = [];
  handlers!: WireHandlers<LoadConnection>;
  /** What becomes of a connection that is dialled. */
  answers: "open" | "refuse" | "nothing" = "open";
  /** What it does with what it is sent. */
  onWrite: (wire: Wire, bytes: Buffer) => void = () => {};

  /** In place of dialler(). */
  readonly dialler = ((_target, _approach, handlers) => {
    this.handlers = handlers as never;
    return {
      dial: async (_address, data) => {
        // No connection is there before whoever dials has turned round.
        await undefined;
        if (this.answers === "refuse") throw new Reason("ECONNREFUSED");
        const wire = new Heard(this);
        wire.data = data as never;
        this.wires.push(wire);
        if (this.answers === "open") this.handlers.open(wire);
        return wire;
      },
    };
  }) as typeof dialler;

  /** Sends back all that a connection has sent and was not sent back. */
  echo(
    wire: Wire,
    bytes = wire.taken.length - wire.data.messages.received,
  ): void {
    const from = wire.data.messages.received;
    const part = wire.taken.subarray(from, from + bytes);
    this.handlers.data(wire, Buffer.from(part));
  }
}

class Heard extends FakeWire<LoadConnection> {
  constructor(private readonly server: FakeServer) {
    super();
  }

  override write(bytes: Uint8Array, offset?: number, length?: number): number {
    const taken = super.write(bytes, offset, length);
    this.server.onWrite(this, this.writes.at(-1)!);
    return taken;
  }

  /** Who finishes is answered by a FIN, as by every echo server. */
  override shutdown(): void {
    super.shutdown();
    this.server.handlers.end(this);
  }

  override end(): void {
    super.end();
    this.server.handlers.close(this);
  }

  override terminate(): void {
    super.terminate();
    this.server.handlers.close(this);
  }
}
