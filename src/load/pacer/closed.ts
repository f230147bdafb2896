import type { Window } from "../worker/window.ts";
import type { Pacer } from "./pacer.ts";

/** The closed loop: a message is due whenever a connection has room for it. */
export class ClosedPacer implements Pacer {
  readonly held = false;
  readonly due = Infinity;

  constructor(private readonly window: Window) {}

  start(): void {}

  next(now: number): number {
    return this.window.takes(now) ? now : Infinity;
  }

  hold(): void {}

  isExhausted(now: number): boolean {
    return !this.window.takes(now);
  }

  skip(): number {
    return 0;
  }
}
