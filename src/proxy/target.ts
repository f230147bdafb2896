import { type Endpoint, formatEndpoint } from "../address/endpoint.ts";
import { failure } from "../errors/errors.ts";
import { type Approach, type Dialler, dialler } from "../socket/dial/dial.ts";
import { race } from "../socket/dial/race.ts";
import type { Wire, WireHandlers } from "../socket/wire.ts";
import { sideHandlers } from "./handlers.ts";
import type { Pair } from "./pair.ts";

export interface TargetOptions extends Approach {
  /** Milliseconds for a connection to stand. */
  connectTimeout: number;
  /** Our own code threw. */
  failed(error: unknown): void;
}

/** A socket on its way to the target, as its `data`. */
class Attempt {
  readonly opened = Promise.withResolvers<void>();
  taken = false;

  constructor(
    readonly pair: Pair,
    readonly take: () => boolean,
  ) {}
}

/** Connects pairs to their target: its name is resolved for each of them. */
export class Target {
  private readonly dialler: Dialler<unknown>;

  constructor(
    readonly endpoint: Endpoint,
    private readonly options: TargetOptions,
  ) {
    const handlers: WireHandlers<never> = {
      ...sideHandlers,
      open: (wire: Wire) => this.opened(wire),
      error: (wire: Wire, error) => {
        options.failed(error);
        wire.terminate();
      },
    };
    this.dialler = dialler(
      endpoint,
      options,
      handlers as WireHandlers<unknown>,
      ({ data }, error) => (data as Attempt).opened.reject(error),
      undefined,
      ({ data }, version) => (data as Attempt).pair.header(version),
    );
  }

  /** Connects it, or tells it why that can't be. */
  async connect(pair: Pair): Promise<void> {
    const { connectTimeout: timeout } = this.options;
    try {
      await race(this.endpoint, {
        timeout,
        signal: pair.signal,
        dial: (address, take) => this.dial(address, new Attempt(pair, take)),
      });
    } catch (error) {
      const name = formatEndpoint(this.endpoint);
      pair.unreachable(failure(`cannot connect to ${name}`, error));
    }
  }

  private dial(address: Endpoint, attempt: Attempt) {
    const { opened } = attempt;
    const abandoned = Promise.withResolvers<void>();
    this.dialler.dial(address, attempt).then(async (socket) => {
      await abandoned.promise;
      if (!attempt.taken) socket.terminate();
    }, opened.reject);
    return { opened: opened.promise, abandon: abandoned.resolve };
  }

  private opened(wire: Wire): void {
    const attempt = wire.data as Attempt;
    // What is told of it is no side's, unless it is the one that is taken.
    wire.data = undefined;
    attempt.taken = attempt.take();
    if (!attempt.taken) {
      wire.terminate();
      return;
    }
    attempt.pair.connected(wire);
    attempt.opened.resolve();
  }
}
