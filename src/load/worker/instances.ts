import { isNumber, isText } from "../../checks.ts";
import { TimeCounts } from "../../result/times.ts";

/** What one process of a cooperating server answered. */
export class InstanceTally {
  connections = 0;
  /** Messages that count, and were given up. */
  unanswered = 0;
  readonly latency = new TimeCounts();

  constructor(readonly host: string) {}

  add({ connections, unanswered, latency }: InstanceTally): void {
    this.connections += connections;
    this.unanswered += unanswered;
    this.latency.add(latency);
  }
}

/** As it is sent between processes. */
export interface PackedInstance {
  instance: string;
  host: string;
  connections: number;
  unanswered: number;
  /** By TimeCounts.pack(). */
  latency: Uint8Array;
}

/** The processes of a server, by name. */
export class InstanceTallies {
  private readonly all = new Map<string, InstanceTally>();

  of(instance: string, host: string): InstanceTally {
    const known = this.all.get(instance);
    if (known !== undefined) return known;
    const tally = new InstanceTally(host);
    this.all.set(instance, tally);
    return tally;
  }

  [Symbol.iterator](): Iterator<[string, InstanceTally]> {
    return this.all[Symbol.iterator]();
  }

  add(others: InstanceTallies): void {
    for (const [instance, tally] of others) {
      this.of(instance, tally.host).add(tally);
    }
  }

  pack(): PackedInstance[] {
    return Array.from(this, ([instance, tally]) => {
      const { host, connections, unanswered, latency } = tally;
      const packed = latency.pack();
      return { instance, host, connections, unanswered, latency: packed };
    });
  }

  unpack(packed: readonly PackedInstance[]): void {
    for (const { instance, latency, ...rest } of packed) {
      const tally = this.of(instance, rest.host);
      tally.connections += rest.connections;
      tally.unanswered += rest.unanswered;
      tally.latency.add(TimeCounts.unpack(latency));
    }
  }
}

/** Whether it is what another process would tell. */
export function isPackedInstance(value: unknown): value is PackedInstance {
  const { instance, host, connections, unanswered, latency } = (value ??
    {}) as Partial<PackedInstance>;
  return (
    [instance, host].every(isText) &&
    [connections, unanswered].every(isNumber) &&
    latency instanceof Uint8Array
  );
}
