import type { Order, Report } from "../../src/cluster/messages.ts";
import { SounderError } from "../../src/errors/errors.ts";
import { NOTHING } from "../../src/status/snapshot.ts";
import type { WorkerProcess } from "../../src/workers/spawn.ts";

/** A worker's process, without one: it says what a test has it say. */
export class FakeWorker implements WorkerProcess<Order> {
  readonly orders: Order[] = [];
  killed = false;
  /** It takes its time to die of being killed. */
  lives = false;
  private readonly end = Promise.withResolvers<never>();
  readonly died = this.end.promise;

  constructor(readonly say: (report: Report) => void) {
    this.died.catch(() => {});
  }

  send(order: Order): void {
    this.orders.push(order);
  }

  /** @param open connections, of which all have been counted as let in */
  beat(open = 0): void {
    const connections = { open, total: open, rejected: {} };
    const counts = { ...NOTHING, connections };
    this.say({ type: "beat", unready: undefined, counts });
  }

  serve(): void {
    this.say({ type: "up" });
    this.say({ type: "serving" });
  }

  /** Its end, as the parent hears of it. */
  die(summary = "a worker process ended: status 1"): void {
    this.end.reject(new SounderError(summary, "EWORKER"));
  }

  [Symbol.dispose](): void {
    this.killed = true;
    if (!this.lives) this.die("a worker process ended: signal SIGKILL");
  }
}

/** Lets all that is resolved be heard of, whatever the timers do. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
