import type {
  CLUSTER,
  FromServer,
  ToServer,
} from "../../src/cluster/messages.ts";
import { SounderError } from "../../src/errors/errors.ts";
import { NOTHING } from "../../src/status/snapshot.ts";
import type { WorkerListener, WorkerProcess } from "../../src/workers/spawn.ts";

/** A worker's process, without one: it says what a test has it say. */
export class FakeWorker implements WorkerProcess<typeof CLUSTER> {
  readonly messages: ToServer[] = [];
  killed = false;
  /** It takes its time to die of being killed. */
  lives = false;
  private readonly end = Promise.withResolvers<never>();
  readonly died = this.end.promise;

  private failed: SounderError | undefined;

  constructor(readonly listener: WorkerListener<typeof CLUSTER>) {
    this.died.catch(() => {});
  }

  send(message: ToServer): void {
    this.messages.push(message);
  }

  say(message: FromServer): void {
    this.listener.onMessage(message);
  }

  /** @param open connections, of which all have been counted as let in */
  beat(open = 0): void {
    const connections = { ...NOTHING.connections, open, total: open };
    const counts = { ...NOTHING, connections };
    this.say({ type: "heartbeat", unready: undefined, counts });
  }

  serve(): void {
    this.listener.onUp();
    this.say({ type: "serving" });
  }

  /** Its end, as the parent hears of it. */
  die(summary = "a worker process ended: status 1"): void {
    this.end.reject(this.failed ?? new SounderError(summary, "EWORKER"));
  }

  kill(why?: SounderError): void {
    this.failed ??= why;
    this.killed = true;
    if (!this.lives) this.die("a worker process ended: signal SIGKILL");
  }

  [Symbol.dispose](): void {
    this.kill();
  }
}

/** Lets all that is resolved be heard of, whatever the timers do. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
