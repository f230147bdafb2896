import type { Wire } from "../../socket/wire.ts";
import type { Peer } from "../peer.ts";
import type { Trail } from "./memory.ts";

/** What a talk may do with its connection. */
export interface Speaker {
  /** Sends something of the server's own; what does not fit is held. */
  send(peer: Peer, bytes: Buffer): void;
  /** Counts bytes that came and are not sent back. */
  swallow(peer: Peer, bytes: number): void;
  /** Echoes them, as of a connection that nobody asked anything on. */
  echo(peer: Peer, chunk: Buffer): boolean;
  /** Sends what is owed, then our FIN. */
  finish(peer: Peer): void;
}

/**
 * How a connection is served from its question on. Whatever a talk does not do
 * itself is done as in an echo.
 */
export abstract class Talk implements Trail {
  finishedAt: number | undefined = undefined;
  receivedAfterFinish = 0;
  protected timer: Timer | undefined = undefined;

  constructor(
    protected readonly peer: Peer,
    protected readonly speaker: Speaker,
  ) {}

  /** Its answer is out. */
  begin(): void {}

  /** @returns whether the kernel took the whole answer to it */
  data(chunk: Buffer): boolean {
    return this.speaker.echo(this.peer, chunk);
  }

  /** The peer's FIN. @returns whether our FIN is to come now */
  end(): boolean {
    return true;
  }

  /** What was held has been sent. */
  room(): void {}

  close(): void {
    clearTimeout(this.timer);
  }

  protected after(time: number, act: () => void): void {
    const unlessClosed = () => {
      if (this.wire !== undefined) act();
    };
    this.timer = setTimeout(unlessClosed, time);
  }

  /** Undefined once it is closed. */
  protected get wire(): Wire<Peer> | undefined {
    return this.peer.phase === "closed" ? undefined : this.peer.wire;
  }

  protected swallow(chunk: Buffer): true {
    this.speaker.swallow(this.peer, chunk.length);
    return true;
  }
}
