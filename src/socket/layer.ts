import type { WireHandlers } from "./wire.ts";

/** Handlers, whatever they keep in a socket's data. */
export type AnyHandlers = WireHandlers<never>;

/**
 * What lies between accepted sockets and the handlers that serve them. One can
 * lie before the handlers of several addresses.
 */
export interface Layer {
  /** Handlers that pass on to `inner` what this layer lets through. */
  wrap(inner: AnyHandlers): AnyHandlers;
  /** Connections that it holds back: they have not come as far as `inner`. */
  readonly waiting: number;
  /** From now on none is held back for more than `timeout` milliseconds. */
  hurry(timeout: number): void;
  /** Resets those that it holds back. @returns how many there were */
  stop(): number;
}

/** A layer that lets everything through, or ends it, at once. */
export function immediate(wrap: Layer["wrap"]): Layer {
  return { wrap, waiting: 0, hurry() {}, stop: () => 0 };
}
