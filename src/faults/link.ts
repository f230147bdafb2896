import { chance } from "../protocol/faults/chance.ts";
import type { Fault, Side } from "../protocol/faults/fault.ts";
import { formatFault } from "../protocol/faults/print.ts";
import { type Stages, stagesOf } from "./build.ts";
import { type Clock, OwnTimers } from "./clock.ts";
import type { End, Ending } from "./end.ts";
import { Pipe } from "./pipe.ts";
import type { Context } from "./stage.ts";

/** A fault that acts. */
export interface FaultEvent {
  /** The connection's number. */
  id: number;
  /** As it would be given: `reset after 1MiB`. */
  fault: string;
  /** Bytes of its direction before the place where it acts. */
  offset: number;
}

/** A fault on a connection. */
export interface Chosen {
  fault: Fault;
  /** Its place in the list of all, which its chance depends on. */
  index: number;
}

export interface LinkOptions {
  /** The connection's number, from 1. */
  id: number;
  seed: number;
  clock: Clock;
  /** A PROXY header of some version about this connection. */
  header(version: 1 | 2): Buffer;
  onFault(event: FaultEvent): void;
  /** An end that was to go to `side`, which is not told of it. */
  onSwallowed?(side: Side, how: Ending): void;
  /** What a pipe owes its sink has changed. */
  onOwed?(pipe: Pipe): void;
}

/** The path between a client and a server: both directions of a connection. */
export class Link {
  readonly toClient: Pipe;
  readonly toServer: Pipe;
  private readonly clock: OwnTimers;
  private lastActive: number;

  constructor(
    private readonly client: End,
    private readonly server: End,
    private readonly options: LinkOptions,
  ) {
    const clock = new OwnTimers(options.clock);
    this.clock = clock;
    const active = () => {
      this.lastActive = clock.now();
    };
    const { onOwed = () => {} } = options;
    this.toClient = new Pipe(server, client, clock, active, () =>
      onOwed(this.toClient),
    );
    this.toServer = new Pipe(client, server, clock, active, () =>
      onOwed(this.toServer),
    );
    this.lastActive = clock.now();
  }

  /** Puts faults on it instead of those before, in both directions at once. */
  setFaults(faults: readonly Chosen[]): void {
    this.lastActive = this.clock.now();
    const stages: Stages = { client: [], server: [] };
    for (const chosen of faults) {
      const contexts = {
        client: this.contextOf(chosen, "client"),
        server: this.contextOf(chosen, "server"),
      };
      const made = stagesOf(chosen.fault, contexts, this.options.header);
      stages.client.push(...made.client);
      stages.server.push(...made.server);
    }
    const isPlain = stages.client.length + stages.server.length === 0;
    this.toServer.setStages(stages.server, isPlain);
    this.toClient.setStages(stages.client, isPlain);
    this.toServer.start();
    this.toClient.start();
  }

  /** Nothing happens by itself any more. */
  stop(): void {
    this.clock.stop();
  }

  private contextOf({ fault, index }: Chosen, side: Side): Context {
    const { clock } = this;
    const { seed, id, onFault } = this.options;
    const pipe = side === "client" ? this.toClient : this.toServer;
    const receiver = side === "client" ? this.client : this.server;
    return {
      side,
      clock,
      offset: pipe.offset,
      lastActive: () => this.lastActive,
      chance: (offset) => chance(seed, index, id, side, offset),
      acted: (offset) => onFault({ id, fault: formatFault(fault), offset }),
      settle: () => pipe.settle(),
      hasRoom: () => pipe.hasRoom,
      silenced: () => receiver.watch(),
      swallowed: (how) => this.options.onSwallowed?.(side, how),
    };
  }
}
