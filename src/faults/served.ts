import { Facade } from "../socket/facade.ts";
import type { Wire, WireHandlers } from "../socket/wire.ts";
import { type End, type Ending, isFin } from "./end.ts";
import { Link, type LinkOptions } from "./link.ts";
import { SocketEnd } from "./socket-end.ts";

function resetError(): Error {
  return Object.assign(new Error("ECONNRESET"), { code: "ECONNRESET" });
}

/**
 * Handlers may give the memory of what they get back: so it is a copy. What is
 * sent here may be a view, or be looked at once more.
 */
function copyOf(bytes: Uint8Array): Buffer {
  return Buffer.from(new Uint8Array(bytes).buffer);
}

/** A server's handlers as the end of a path: they see a socket. */
class HandlersEnd<Data> implements End {
  /** Whether they were told `close`: they want nothing any more. */
  closed = false;
  isFull = false;
  /** What their socket ended with. */
  error: Error | undefined;
  /** How many of their writes are under way. */
  writing = 0;

  constructor(
    private readonly wire: Wire<Data>,
    private readonly handlers: WireHandlers<Data>,
    private readonly onClosed: () => void,
  ) {}

  write(bytes: Uint8Array): number {
    if (this.closed) return bytes.length;
    if (this.isFull) return 0;
    this.call(() => this.handlers.data(this.wire, copyOf(bytes)));
    return bytes.length;
  }

  end(how: Ending): void {
    // No socket ends within a write, and handlers do not expect it.
    if (this.writing > 0) queueMicrotask(() => this.tell(how));
    else this.tell(how);
  }

  private tell(how: Ending): void {
    if (this.closed) return;
    const truncated = how === "truncate";
    if (how === "finish" || truncated) {
      this.call(() => this.handlers.end(this.wire, truncated));
    } else
      this.close(how === "gone" ? undefined : (this.error ?? resetError()));
  }

  close(error?: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.onClosed();
    this.handlers.close(this.wire, error);
  }

  pause(): void {}
  resume(): void {
    if (!this.closed) this.call(() => this.handlers.writable(this.wire));
  }
  watch(): void {}

  /** What Bun does for its sockets' handlers: here a timer may call them. */
  private call(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      this.handlers.error(this.wire, error as Error);
    }
  }
}

/** Where a connection is at, on which faults are put while it is open. */
export interface Standing {
  /** Bytes from the client so far. */
  bytesIn: number;
  /** Bytes to it. */
  bytesOut: number;
  /** Its handlers have paused it. */
  isPaused: boolean;
}

/** Actions after which a connection is over, whoever is told what of it. */
const ENDS = ["reset", "finish"];

/** Whether it was a fault that ended a connection, if there was one on it. */
export function isEndedByFault(wire: Wire): boolean {
  return wire instanceof ServedWire && wire.isEndedByFault;
}

/** A server's connection behind faults, as its handlers see it. */
export class ServedWire<Data> extends Facade<Data> {
  /** The handlers have closed it, but what they sent is still under way. */
  isLeft = false;
  /** A fault has ended it. */
  isEndedByFault = false;
  readonly link: Link;
  private readonly peer: SocketEnd;
  private readonly inside: HandlersEnd<Data>;

  constructor(
    wire: Wire,
    private readonly handlers: WireHandlers<Data>,
    options: LinkOptions,
    /** Is told once the handlers have left it before it is closed. */
    private readonly left: () => void,
  ) {
    super(wire);
    this.peer = new SocketEnd(wire, options.clock);
    this.inside = new HandlersEnd(this, handlers, () => {
      if (this.peer.closed) this.link.stop();
    });
    this.link = new Link(this.peer, this.inside, {
      ...options,
      onFault: (event) => {
        const [action = ""] = event.fault.split(" ");
        if (ENDS.includes(action)) this.isEndedByFault = true;
        options.onFault(event);
      },
      // Nothing else would tell the handlers that their socket is gone.
      onSwallowed: (side, how) => {
        if (side !== "server" || !this.peer.closed) return;
        this.inside.end(isFin(how) ? "gone" : how);
      },
    });
  }

  /** It has been served until now, as it was accepted. */
  takeOver({ bytesIn, bytesOut, isPaused }: Standing): void {
    this.link.toServer.offset = bytesIn;
    this.link.toClient.offset = bytesOut;
    this.inside.isFull = isPaused;
  }

  override write(
    bytes: Uint8Array,
    offset = 0,
    length = bytes.length - offset,
  ): number {
    if (this.inside.closed) return -1;
    const isWhole = length === bytes.length;
    this.inside.writing += 1;
    try {
      return this.link.toClient.offer(
        isWhole ? bytes : bytes.subarray(offset, offset + length),
      );
    } finally {
      this.inside.writing -= 1;
    }
  }
  override pause(): void {
    // Of one that is gone they get what is left, as from a socket.
    if (this.peer.closed) return;
    this.inside.isFull = true;
    this.link.toServer.settle();
  }
  override resume(): void {
    if (this.inside.closed) return;
    this.inside.isFull = false;
    this.link.toServer.drained();
  }
  override shutdown(): void {
    if (!this.inside.closed) this.link.toClient.end("finish");
  }
  override end(): void {
    this.leave("close");
  }
  override terminate(): void {
    this.leave("reset");
  }

  /** As a socket does, it is closed for its handlers before this returns. */
  private leave(how: Ending): void {
    if (this.inside.closed || this.isLeft) return;
    this.isLeft = true;
    this.link.toServer.close();
    this.link.toClient.end(how);
    if (!this.peer.closed) this.left();
    this.inside.close();
  }

  /** The socket has told something. */
  received(chunk: Buffer): void {
    this.link.toServer.bytes(chunk);
  }
  drained(): void {
    this.link.toClient.drained();
    if (!this.link.toClient.paused) this.inside.resume();
  }
  finished(truncated: boolean): void {
    this.link.toServer.end(truncated ? "truncate" : "finish");
  }
  failed(error: Error): void {
    if (this.inside.closed) this.wire.terminate();
    else this.handlers.error(this, error);
  }
  gone(told: Error | undefined): void {
    const { toClient, toServer } = this.link;
    const error = told ?? (toClient.refused ? resetError() : undefined);
    this.peer.closed = true;
    this.inside.error = error;
    toClient.close();
    if (this.isLeft || this.inside.closed) {
      // leave() tells the handlers, where a fault has not.
      this.link.stop();
      return;
    }
    this.resume();
    const how = error === undefined ? "gone" : "reset";
    toServer.end(how);
    this.inside.resume();
  }

  /** Ends it whatever is under way. */
  cut(): void {
    this.wire.terminate();
  }
}
