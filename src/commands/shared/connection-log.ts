import type { FaultEvent } from "../../faults/link.ts";
import type { InboundHooks } from "../../inbound/hooks.ts";
import type { Rejected } from "../../inbound/rejection.ts";
import { whyOf } from "../../errors/errors.ts";
import { FaultLogger } from "./fault-log.ts";
import type { Log } from "./log.ts";

/** Milliseconds after which counts are logged. */
const PERIOD = 1000;
/** Connections of a period that are logged one by one; others are counted. */
const TOLD_MOST = 1000;

/** Where connections are logged, and how each ended. */
export interface ConnectionLog<Ended> extends Pick<
  Log,
  "connected" | "summed" | "rejected" | "note" | "warn"
> {
  disconnected(ended: Omit<Ended, "id"> & { id: number | string }): void;
}

/** Logs connections, but only counts of them where they would flood the log. */
class ConnectionLogger<Ended extends { id: number }> {
  private told = 0;
  /** Connections that were only counted: their ends are only counted, too. */
  private readonly untold = new Set<number>();
  private more = { connected: 0, closed: 0 };
  private readonly rejections = new Map<string, [number, Rejected]>();
  private timer: Timer | undefined;

  constructor(
    private readonly log: ConnectionLog<Ended>,
    private readonly numberOf: (id: number) => number | string,
  ) {}

  connected({ id, peer }: { id: number; peer: string }): void {
    if (this.told < TOLD_MOST) {
      this.told += 1;
      this.log.connected({ id: this.numberOf(id), peer });
    } else {
      this.untold.add(id);
      this.more.connected += 1;
    }
    this.begin();
  }

  disconnected(ended: Ended): void {
    if (!this.untold.delete(ended.id)) {
      this.log.disconnected({ ...ended, id: this.numberOf(ended.id) });
      return;
    }
    this.more.closed += 1;
    this.begin();
  }

  rejected(rejected: Rejected): void {
    const [count] = this.rejections.get(rejected.reason) ?? [0];
    this.rejections.set(rejected.reason, [count + 1, rejected]);
    this.begin();
  }

  /** Ends the period, if there is one. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.told = 0;
    const { more, rejections, log } = this;
    if (more.connected + more.closed > 0) log.summed(more);
    this.more = { connected: 0, closed: 0 };
    for (const [count, last] of rejections.values()) log.rejected(count, last);
    rejections.clear();
  }

  private begin(): void {
    this.timer ??= setTimeout(() => this.end(), PERIOD);
  }
}

/** What is called to have connections logged. */
export interface Hooks<Ended> extends InboundHooks {
  onConnect(peer: { id: number; peer: string }): void;
  onDisconnect(ended: Ended): void;
  onFault(event: FaultEvent): void;
  /** All has stopped: logs what is counted so far. */
  onStopped(): void;
}

/** @param prefix of the connections' numbers, to tell workers apart */
export function hooksOf<Ended extends { id: number }>(
  log: ConnectionLog<Ended>,
  prefix = "",
): Hooks<Ended> {
  const faults = new FaultLogger(log, prefix);
  const connections = new ConnectionLogger<Ended>(log, (id) =>
    prefix === "" ? id : prefix + id,
  );
  return {
    onConnect: (peer) => connections.connected(peer),
    onDisconnect: (ended) => connections.disconnected(ended),
    onFault: (event) => faults.acted(event),
    onReject: (rejected) => connections.rejected(rejected),
    onFiles(left) {
      if (left) {
        log.note("files", "file descriptors are free: accepting again");
      } else {
        const message = "no file descriptors left: new connections are refused";
        log.warn("files", message);
      }
    },
    onError(error) {
      log.warn("error", `our own code failed: ${whyOf(error)}`);
    },
    onStopped() {
      connections.end();
      faults.end();
    },
  };
}
