import {
  type Endpoint,
  formatEndpoint,
  type Listenable,
} from "../socket/endpoint.ts";
import type { Tracer } from "../socket/trace.ts";
import type { WireHandlers } from "../socket/wire.ts";
import { listen, type Listening } from "./listen.ts";
import { SpareFiles } from "./spare-files.ts";

const LOOK_EVERY = 1000;

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
 * connection coming of it. What is spared for that time keeps the rest of the
 * process going, such as the admin pages.
 */
export class Listeners {
  /** With the ports the kernel chose. */
  endpoints: readonly Endpoint[] = [];
  private readonly spare = new SpareFiles();
  private listening: Listening[] = [];
  private wanted: readonly Listenable[] = [];
  private timer: Timer | undefined;
  private closed = false;

  constructor(private readonly options: ListenersOptions) {}

  /** Whether somebody would be let in. */
  get ready(): boolean {
    return this.listening.length > 0;
  }

  /** @throws SounderError if one can't be had; none is held then */
  async open(wanted: readonly Listenable[]): Promise<void> {
    await this.listenOn(wanted);
    this.endpoints = this.listening.map(({ endpoint }) => endpoint);
    // One that was given to us could not be opened again.
    if (wanted.some(({ kind }) => kind === "fd")) return;
    this.wanted = this.endpoints;
    this.spare.take();
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
    if (this.listening.length > 0) {
      if (this.spare.areMore()) return;
      this.stopAll();
      this.spare.give();
      this.options.onFiles(false);
    } else if (this.spare.take()) {
      this.listenOn(this.wanted).then(
        () => (this.closed ? this.stopAll() : this.options.onFiles(true)),
        // Until the next look, which tries again.
        () => this.spare.give(),
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
    this.spare.give();
    this.stopAll();
  }
}
