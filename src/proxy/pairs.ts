import type { Clock } from "../faults/clock.ts";
import { FaultPermit } from "../faults/gate.ts";
import type { Pipe } from "../faults/pipe.ts";
import { type Rejection, Rejections } from "../inbound/rejection.ts";
import { roomWithin, Stalls } from "../inbound/stalls.ts";
import type { Permit, Wire } from "../socket/wire.ts";
import type { ProxyHookCaller } from "./hooks.ts";
import { Pair, type ProxyCause } from "./pair.ts";

export interface PairsOptions {
  hooks: ProxyHookCaller;
  seed: number;
  clock: Clock;
  /** Bytes of memory held at most for all who don't read. */
  maxPending: number;
}

/** What a proxy has done so far. */
export interface ProxyTally {
  connections: { open: number; total: number };
  /** From clients, to clients, and never taken by whom they were for. */
  bytes: { in: number; out: number; dropped: number };
  closed: Record<ProxyCause, number>;
  /** Connections that were not let in, by reason. */
  rejected: Record<Rejection, number>;
}

/** The one owner of a proxy's connections: it counts them, and tells of them. */
export class Pairs {
  readonly open = new Set<Pair>();
  readonly stalls: Stalls<Pipe>;
  private readonly owners = new WeakMap<Pipe, Pair>();
  private readonly rejections = new Rejections();
  private total = 0;
  private readonly bytes = { in: 0, out: 0, dropped: 0 };
  private readonly closed: Record<ProxyCause, number> = {
    "client-FIN": 0,
    "target-FIN": 0,
    "client-RST": 0,
    "target-RST": 0,
    truncated: 0,
    unreachable: 0,
    fault: 0,
    stop: 0,
    idle: 0,
    lifetime: 0,
    pending: 0,
    error: 0,
  };

  constructor(private readonly options: PairsOptions) {
    this.stalls = new Stalls(roomWithin(options.maxPending), (pipe) =>
      this.owners.get(pipe)?.reset("pending"),
    );
  }

  get tally(): ProxyTally {
    const bytes = { ...this.bytes };
    for (const pair of this.open) {
      bytes.in += pair.bytesIn;
      bytes.out += pair.bytesOut;
    }
    return {
      connections: { open: this.open.size, total: this.total },
      bytes,
      closed: { ...this.closed },
      rejected: this.rejections.read(),
    };
  }

  /** A client's connection: it waits until the target's stands. */
  opened(wire: Wire, permit: Permit | undefined): Pair {
    const { hooks, seed, clock } = this.options;
    this.total += 1;
    const entered = permit instanceof FaultPermit ? permit : undefined;
    const pair = new Pair(wire, {
      id: entered?.id ?? this.total,
      permit,
      seed,
      clock,
      onFault: (event) => hooks.acted(event),
      onOwed: (pipe) => this.owed(pipe, pair),
      onClosed: () => this.remove(pair),
    });
    this.open.add(pair);
    const { id, name } = pair;
    hooks.connected({ id, peer: name }, () => pair.reset("error"));
    return pair;
  }

  reject(reason: Rejection, peer: string, why?: string): void {
    this.rejections.add(reason);
    this.options.hooks.rejected({
      reason,
      peer,
      ...(why !== undefined && { why }),
    });
  }

  /** Resets all of them. @returns how many there were */
  reset(): number {
    const left = [...this.open];
    for (const pair of left) pair.reset("stop");
    return left.length;
  }

  private owed(pipe: Pipe, pair: Pair): void {
    if (pipe.outbox.pending > 0) this.owners.set(pipe, pair);
    this.stalls.update(pipe);
  }

  private remove(pair: Pair): void {
    this.open.delete(pair);
    const { id, name, cause, bytesIn, bytesOut, error } = pair;
    const { toClient, toServer } = pair.link;
    for (const pipe of [toClient, toServer]) this.stalls.remove(pipe);
    const dropped = toClient.lost + toServer.lost;
    this.closed[cause] += 1;
    this.bytes.in += bytesIn;
    this.bytes.out += bytesOut;
    this.bytes.dropped += dropped;
    this.options.hooks.disconnected({
      id,
      peer: name,
      lasted: performance.now() - pair.openedAt,
      bytesIn,
      bytesOut,
      dropped,
      cause,
      ...(error !== undefined && { error }),
    });
  }
}
