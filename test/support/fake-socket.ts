import type { WireHandlers } from "../../src/socket/wire.ts";
import { FakeWire } from "./fake-wire.ts";

/** A socket whose handlers are called as Bun calls them. */
export class FakeSocket extends FakeWire<never> {
  closed = false;

  constructor(
    private readonly handlers: WireHandlers<never>,
    appetites: readonly number[] = [],
  ) {
    super(appetites);
  }

  /** Nothing more happens to it once it is closed. */
  happens(event: "open" | "writable" | "end" | "close" | Buffer): void {
    if (this.closed) return;
    if (event === "close") this.close();
    else if (typeof event === "string") this.handlers[event](this);
    else this.handlers.data(this, event);
  }

  /** Bun tells the close before it returns from what closes. */
  override end(): void {
    super.end();
    this.close();
  }
  override terminate(): void {
    super.terminate();
    this.close();
  }
  private close(): void {
    if (this.closed) return;
    this.closed = true;
    this.handlers.close(this);
  }
}
