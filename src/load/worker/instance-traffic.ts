import type { LoadConnection } from "../connections/connection.ts";
import { Traffic } from "./traffic.ts";

/**
 * The traffic of a server that cooperates: what comes back is counted for each
 * of its processes, too. Others don't pay for it.
 */
export class InstanceTraffic extends Traffic {
  override lost(connection: LoadConnection): void {
    const { instance } = connection;
    if (instance !== undefined) {
      instance.unanswered += connection.dueFrom(this.window.from);
    }
    super.lost(connection);
  }

  protected override complete(connection: LoadConnection, now: number): void {
    const due = connection.oldestDue;
    super.complete(connection, now);
    if (!this.window.counts(due)) return;
    connection.instance?.latency.record((now - due) * 1000);
  }

  override giveUp(connections: Iterable<LoadConnection>): void {
    for (const connection of connections) {
      const { instance } = connection;
      if (instance === undefined) continue;
      instance.unanswered += connection.dueFrom(this.window.from);
    }
  }
}
