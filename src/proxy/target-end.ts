import type { Clock } from "../faults/clock.ts";
import type { End, Ending } from "../faults/end.ts";
import { SocketEnd } from "../faults/socket-end.ts";
import type { Wire } from "../socket/wire.ts";

/**
 * The target's end of a path, from before it is connected: until then it takes
 * nothing, and what it is asked to do is done once it is.
 */
export class TargetEnd implements End {
  private socket: SocketEnd | undefined;
  private isPaused = false;
  private ending: Ending | undefined;
  private isGone = false;

  /** @param abandon nobody wants the connection any more */
  constructor(
    private readonly clock: Clock,
    private readonly abandon: () => void,
  ) {}

  get isFull(): boolean {
    return this.socket === undefined;
  }

  /** To be set when its `close` is told, or there will be no connection. */
  get closed(): boolean {
    return this.socket?.closed ?? this.isGone;
  }
  set closed(closed: boolean) {
    this.isGone = closed;
    if (this.socket !== undefined) this.socket.closed = closed;
  }

  connected(wire: Wire): void {
    this.socket = new SocketEnd(wire, this.clock);
    if (this.isPaused) wire.pause();
    if (this.ending !== undefined) this.socket.end(this.ending);
  }

  write(bytes: Uint8Array): number {
    return this.socket?.write(bytes) ?? 0;
  }
  pause(): void {
    this.isPaused = true;
    this.socket?.pause();
  }
  resume(): void {
    this.isPaused = false;
    this.socket?.resume();
  }
  watch(): void {
    this.socket?.watch();
  }
  end(how: Ending): void {
    if (this.socket !== undefined) this.socket.end(how);
    else if (how === "finish" || how === "truncate") this.ending = how;
    else this.abandon();
  }
}
