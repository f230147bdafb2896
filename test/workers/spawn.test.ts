import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { isAlive } from "../support/alive.ts";
import { until } from "../support/until.ts";

/** A process that has a worker, and all that it told of it. */
class Parent implements AsyncDisposable {
  readonly told: { said?: unknown; by?: number; died?: string }[] = [];
  readonly child: Bun.Subprocess;

  constructor() {
    this.child = Bun.spawn(
      [process.execPath, join(import.meta.dir, "family.ts")],
      {
        stdio: ["ignore", "inherit", "inherit"],
        serialization: "advanced",
        ipc: (report) => this.told.push(report),
      },
    );
  }

  async worker(): Promise<number> {
    await until(() => this.told.length > 0, "the worker is up");
    return this.told[0]!.by!;
  }

  async tells(report: object): Promise<void> {
    await until(
      () => this.told.some((one) => Bun.deepMatch(report, one)),
      `it tells ${JSON.stringify(report)}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
  }
}

describe("spawnWorker()", () => {
  test("talks with a process of its own", async () => {
    await using parent = new Parent();
    const worker = await parent.worker();
    expect(worker).not.toBe(parent.child.pid);
    const say = { map: new Map([["p99", 2]]), counts: new Float64Array(3) };
    parent.child.send({ say });
    await parent.tells({ said: say, by: worker });
  });

  test("tells how a worker ended", async () => {
    await using parent = new Parent();
    await parent.worker();
    parent.child.send({ exit: 3 });
    await parent.tells({ died: "a worker process ended: status 3 (EWORKER)" });
    // There is nobody to hear it, and nothing breaks.
    parent.child.send({ say: "hello" });
    parent.child.send({ dispose: true });
    expect(isAlive(parent.child.pid)).toBe(true);
  });

  test("tells of a worker that was killed", async () => {
    await using parent = new Parent();
    process.kill(await parent.worker(), "SIGKILL");
    await parent.tells({
      died: "a worker process ended: signal SIGKILL (EWORKER)",
    });
  });

  test("ends the worker where its scope ends", async () => {
    await using parent = new Parent();
    const worker = await parent.worker();
    parent.child.send({ dispose: true });
    await until(() => !isAlive(worker), "the worker is gone");
  });

  test("has a worker know that its parent is gone", async () => {
    await using parent = new Parent();
    const worker = await parent.worker();
    parent.child.kill("SIGKILL");
    await until(() => !isAlive(worker), "the worker is gone");
  });
});
