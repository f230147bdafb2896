import { Duplex } from "node:stream";

import type { Socket, SocketHandler } from "bun";

import { Deadlines } from "../socket/deadlines.ts";

/**
 * Connections at once. With them a process stays below the files that
 * `--max-connections` leaves to all but its own.
 */
const MOST = 40;
/** Milliseconds after which a client that asks or reads nothing is disconnected. */
const PATIENCE = 30_000;

type Written = (error?: Error) => void;

/** A connection, as the stream that node:http wants. */
export class Client extends Duplex {
  private rest: Uint8Array | undefined;
  private written: Written | undefined;

  constructor(
    private readonly socket: Socket<Client>,
    private readonly stuck: Deadlines<Client>,
  ) {
    super();
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Uint8Array, _: BufferEncoding, done: Written): void {
    this.rest = chunk;
    this.written = done;
    this.flush();
    if (this.rest !== undefined && !this.destroyed) this.stuck.add(this);
  }

  /** To be called when the kernel has room again. */
  flush(): void {
    const { rest, written } = this;
    if (rest === undefined || written === undefined) return;
    const taken = this.socket.write(rest);
    if (taken < 0) {
      this.destroy();
      return;
    }
    if (taken < rest.length) {
      this.rest = rest.subarray(taken);
      return;
    }
    this.rest = undefined;
    this.stuck.remove(this);
    written();
  }

  override _final(done: Written): void {
    this.socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void) {
    this.stuck.remove(this);
    this.socket.terminate();
    done(error);
  }
}

/**
 * The connections to the admin pages. Bun's own HTTP server accepts any number,
 * until no file descriptor is left for the echo. Here a new connection takes the
 * place of the one that has been idle for longest, so that a probe is answered
 * however many only connect.
 */
export class Clients {
  /** Those that are being answered. */
  private readonly busy = new Set<Client>();
  private readonly hangUp = (client: Client) => void client.destroy();
  private readonly idle = new Deadlines<Client>(PATIENCE, this.hangUp);
  private readonly stuck = new Deadlines<Client>(PATIENCE, this.hangUp);
  private closed = false;

  /** @param serve answers what a client asks */
  constructor(private readonly serve: (client: Client) => void) {}

  get handlers(): SocketHandler<Client> {
    return {
      open: (socket) => this.open(socket),
      data(socket, chunk) {
        if (!socket.data.push(chunk)) socket.pause();
      },
      drain: (socket) => socket.data.flush(),
      end: (socket) => void socket.data.push(null),
      close: (socket) => {
        const client = socket.data;
        // One that was refused has no state.
        if (client === undefined) return;
        this.idle.remove(client);
        this.busy.delete(client);
        client.destroy();
      },
      error: (socket) => void socket.data.destroy(),
    };
  }

  private open(socket: Socket<Client>): void {
    if (!this.makeRoom()) {
      socket.terminate();
      return;
    }
    const client = new Client(socket, this.stuck);
    // A client that hangs up in the middle of an answer is no failure of ours.
    client.on("error", () => {});
    socket.data = client;
    this.idle.add(client);
    this.serve(client);
  }

  private makeRoom(): boolean {
    if (this.closed) return false;
    if (this.idle.size + this.busy.size < MOST) return true;
    const longest = this.idle.oldest;
    longest?.destroy();
    return longest !== undefined;
  }

  /** It has asked something. */
  asks(client: Client): void {
    // Its last request may be read after its end was told.
    if (client.destroyed) return;
    this.idle.remove(client);
    this.busy.add(client);
  }

  /** It has its answer. */
  rests(client: Client): void {
    if (this.busy.delete(client)) this.idle.add(client);
  }

  /** Disconnects all, and those that still come. */
  close(): void {
    this.closed = true;
    for (const client of [...this.idle.takeAll(), ...this.busy]) {
      client.destroy();
    }
    this.stuck.takeAll();
  }
}
