import { closeSync, openSync } from "node:fs";

import {
  type Endpoint,
  formatEndpoint,
  type Listenable,
} from "../socket/endpoint.ts";
import { codeOf } from "../socket/errors.ts";
import type { Tracer } from "../socket/trace.ts";
import type { WireHandlers } from "../socket/wire.ts";
import { listen, type Listening } from "./listen.ts";

const LOOK_EVERY = 1000;

/** Whether one more file could be opened now. */
function filesAreLeft(): boolean {
  try {
    closeSync(openSync("/dev/null", "r"));
    return true;
  } catch (error) {
    const code = codeOf(error);
    return code !== "EMFILE" && code !== "ENFILE";
  }
}

export interface ListenersOptions {
  handlersFor(endpoint: Listenable): WireHandlers<never>;
  reusePort?: boolean | undefined;
  /** Files have run out, or there are some again. */
  onFiles(left: boolean): void;
  trace?: Tracer | undefined;
}

/**
 * A server's addresses. While there is no file left to be had, whoever took
 * them, nothing listens: Bun's accept loop would turn at full speed without a
 * connection coming of it.
 */
export class Listeners {
  /** With the ports the kernel chose. */
  endpoints: readonly Endpoint[] = [];
  private listening: Listening[] = [];
  private wanted: readonly Listenable[] = [];
  private timer: Timer | undefined;
  private closed = false;

  constructor(private readonly options: ListenersOptions) {}

  /** @throws SounderError if one can't be had; none is held then */
  async open(wanted: readonly Listenable[]): Promise<void> {
    await this.listenOn(wanted);
    this.endpoints = this.listening.map(({ endpoint }) => endpoint);
    // One that was given to us could not be opened again.
    if (wanted.some(({ kind }) => kind === "fd")) return;
    this.wanted = this.endpoints;
    this.timer = setInterval(() => this.look(), LOOK_EVERY);
  }

  private async listenOn(wanted: readonly Listenable[]): Promise<void> {
    const { handlersFor, trace } = this.options;
    try {
      for (const endpoint of wanted) {
        trace?.step(1, "socket", endpoint.kind);
        const handlers = handlersFor(endpoint);
        const listener = await listen(endpoint, handlers, this.options);
        const name = formatEndpoint(listener.endpoint);
        trace?.step(2, "bind", name);
        trace?.step(3, "listen", name);
        this.listening.push(listener);
      }
    } catch (error) {
      this.stopAll();
      throw error;
    }
  }

  private look(): void {
    const left = filesAreLeft();
    if (this.listening.length > 0) {
      if (left) return;
      this.stopAll();
      this.options.onFiles(false);
    } else if (left) {
      this.listenOn(this.wanted).then(
        () => (this.closed ? this.stopAll() : this.options.onFiles(true)),
        // Until the next look, which tries again.
        () => {},
      );
    }
  }

  private stopAll(): void {
    for (const listener of this.listening) listener.stop();
    this.listening = [];
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.stopAll();
  }
}
