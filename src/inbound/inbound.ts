import type { Endpoint } from "../address/endpoint.ts";
import type { PeerQuery } from "../status/peers.ts";
import type { Unready } from "../status/readiness.ts";
import type { Counts, Limits, Snapshot } from "../status/snapshot.ts";
import { gracefulStop } from "./graceful-stop.ts";
import { IdleTimeouts, type IdleTimeoutsOptions } from "./idle-timeouts.ts";
import type { LayerStack } from "./layers/stack.ts";
import type { Door } from "./listen/door.ts";
import {
  abortedBy,
  checkQuery,
  checkStop,
  type StopOptions,
} from "./options.ts";
import { type Counted, Snapshots } from "./snapshots.ts";

/** At a stop, how long a PROXY header or a handshake may still take. */
const HANDSHAKE_WITHIN = 1000;

/** The one owner of the connections that are open. */
interface Sessions extends Counted {
  readonly stalls: Counted["stalls"] & { stop(): void };
  /** Resets all of them. @returns how many there were */
  reset(): number;
}

export interface InboundParts {
  door: Door;
  layers: LayerStack;
  sessions: Sessions;
  limits: Limits;
  timeouts: IdleTimeoutsOptions;
  /** Called once nothing is left. */
  closed?(): void;
}

/**
 * What comes in, whatever is done with it: where it listens, what it counts,
 * and how it stops. The server and the proxy have one each.
 */
export class Inbound {
  private readonly idleTimeouts: IdleTimeouts;
  private readonly snapshots: Snapshots;
  private readonly cut = new AbortController();
  private stopping: Promise<number> | undefined;

  constructor(private readonly parts: InboundParts) {
    const { sessions, timeouts, limits } = parts;
    this.idleTimeouts = new IdleTimeouts(sessions.open, timeouts);
    this.snapshots = new Snapshots(sessions, limits);
  }

  get addresses(): readonly Endpoint[] {
    return this.parts.door.endpoints;
  }

  /** Of the first address; undefined for a Unix socket. */
  get port(): number | undefined {
    const [first] = this.addresses;
    return first === undefined || first.kind === "unix"
      ? undefined
      : first.port;
  }

  get unready(): Unready | undefined {
    return this.parts.door.unready;
  }

  counts(): Counts {
    return this.snapshots.counts();
  }

  snapshot(query: PeerQuery): Snapshot {
    checkQuery(query);
    return this.snapshots.take(query);
  }

  /**
   * Accepts nothing more, and serves what is open to its end; called again, it
   * resets at once.
   * @returns how many connections were reset
   */
  async stop(options: StopOptions = {}): Promise<number> {
    checkStop(options);
    abortedBy(options.signal, this.cut);
    if (this.stopping === undefined) this.stopping = this.end(options);
    else this.cut.abort();
    return this.stopping;
  }

  private async end({ drainTimeout = 10_000 }: StopOptions): Promise<number> {
    const { door, layers, sessions } = this.parts;
    door.close();
    // A peer that says nothing yet must not hold up the stop.
    layers.hurry(Math.min(drainTimeout, HANDSHAKE_WITHIN));
    await gracefulStop(sessions.open, {
      timeout: drainTimeout,
      cut: this.cut.signal,
      pendingHandshakes: () => layers.waiting,
    });
    return this.close();
  }

  /** Ends what is left. @returns how many connections were reset */
  close(): number {
    const { door, layers, sessions, closed } = this.parts;
    door.close();
    const reset = sessions.reset();
    this.idleTimeouts.stop();
    sessions.stalls.stop();
    this.snapshots.stop();
    const left = layers.stop();
    closed?.();
    return reset + left;
  }
}
