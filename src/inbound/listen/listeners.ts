import {
  type Endpoint,
  formatEndpoint,
  type Listenable,
} from "../../address/endpoint.ts";
import type { Tracer } from "../../socket/trace/tracer.ts";
import type { WireHandlers } from "../../socket/wire.ts";
import type { Unready } from "../../status/readiness.ts";
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
 * A server's addresses. While no file descriptor is left, nothing listens: the
 * accept loop would take all of a core and accept nobody. A socket that was
 * given to us goes on, since it could not be opened again; who connects there is
 * closed at once, with the descriptors that are held in reserve. The admin pages
 * use those, too.
 */
export class Listeners {
  /** With the ports the kernel chose. */
  endpoints: readonly Endpoint[] = [];
  private given: readonly Listening[] = [];
  private opened: readonly Listening[] = [];
  private wanted: readonly Endpoint[] = [];
  private outOfFiles = false;
  private retrying = false;
  private timer: Timer | undefined;
  private closed = false;

  constructor(
    private readonly options: ListenersOptions,
    private readonly spare = new SpareFiles(),
  ) {}

  /** Why nobody would be let in; undefined where somebody would. */
  get unready(): Unready | undefined {
    if (this.closed) return "draining";
    return this.outOfFiles ? "no-files" : undefined;
  }

  /** @throws SounderError if one can't be had; none is held then */
  async open(wanted: readonly Listenable[]): Promise<void> {
    const all = await this.listenOn(wanted);
    this.endpoints = all.map(({ endpoint }) => endpoint);
    const isGiven = (index: number) => wanted[index]!.kind === "fd";
    this.given = all.filter((_, index) => isGiven(index));
    this.opened = all.filter((_, index) => !isGiven(index));
    this.wanted = this.opened.map(({ endpoint }) => endpoint);
    this.spare.take();
    this.timer = setInterval(() => this.look(), LOOK_EVERY);
  }

  private async listenOn(wanted: readonly Listenable[]): Promise<Listening[]> {
    const { handlersFor, trace } = this.options;
    const listening: Listening[] = [];
    try {
      for (const endpoint of wanted) {
        trace?.step(1, "socket", endpoint.kind);
        const handlers = handlersFor(endpoint);
        const listener = await listen(endpoint, handlers, this.options);
        const name = formatEndpoint(listener.endpoint);
        trace?.step(2, "bind", name, { local: name });
        trace?.step(3, "listen", name, { local: name, state: "LISTEN" });
        listening.push(listener);
      }
      return listening;
    } catch (error) {
      stop(listening);
      throw error;
    }
  }

  private look(): void {
    if (!this.outOfFiles) {
      if (this.spare.areMore()) return;
      this.outOfFiles = true;
      stop(this.opened);
      this.opened = [];
      this.spare.give();
      this.options.onFiles(false);
    } else if (!this.retrying && this.spare.take()) {
      void this.retry();
    }
  }

  private async retry(): Promise<void> {
    this.retrying = true;
    try {
      this.resume(await this.listenOn(this.wanted));
    } catch {
      // Until the next look, which tries again.
      this.spare.give();
    } finally {
      this.retrying = false;
    }
  }

  private resume(again: readonly Listening[]): void {
    if (this.closed) {
      stop(again);
      return;
    }
    this.opened = again;
    this.outOfFiles = false;
    this.options.onFiles(true);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.spare.give();
    stop(this.given);
    stop(this.opened);
  }
}

function stop(listening: readonly Listening[]): void {
  for (const listener of listening) listener.stop();
}
