import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { isAlive } from "../support/alive.ts";
import { until } from "../support/until.ts";

/** A process that has a worker, and all that it told of it. */
class Parent implements AsyncDisposable {
  readonly told: { what?: unknown; by?: number; died?: string }[] = [];
  readonly child: Bun.Subprocess;

  constructor() {
    this.child = Bun.spawn(
      [process.execPath, join(import.meta.dir, "family.ts")],
      {
        stdio: ["ignore", "inherit", "inherit"],
        serialization: "advanced",
        ipc: (message) => this.told.push(message),
      },
    );
  }

  /** Its process, once it is up. */
  async worker(): Promise<number> {
    await this.tells({ up: true });
    await this.tells({ what: "here" });
    return this.told.find(({ what }) => what === "here")!.by!;
  }

  async tells(message: object): Promise<void> {
    await until(
      () => this.told.some((one) => Bun.deepMatch(message, one)),
      `it tells ${JSON.stringify(message)}`,
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
    const what = { map: new Map([["p99", 2]]), counts: new Float64Array(3) };
    parent.child.send({ type: "say", what });
    await parent.tells({ type: "said", what, by: worker });
  });

  test("tells how a worker ended", async () => {
    await using parent = new Parent();
    await parent.worker();
    parent.child.send({ type: "exit", status: 3 });
    await parent.tells({ died: "a worker process ended: status 3 (EWORKER)" });
    // There is nobody to hear it, and nothing breaks.
    parent.child.send({ type: "say", what: "hello" });
    parent.child.send({ type: "dispose" });
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
    parent.child.send({ type: "dispose" });
    await until(() => !isAlive(worker), "the worker is gone");
  });

  test("has a worker know that its parent is gone", async () => {
    await using parent = new Parent();
    const worker = await parent.worker();
    parent.child.kill("SIGKILL");
    await until(() => !isAlive(worker), "the worker is gone");
  });

  test("ends a worker that fails, and tells why", async () => {
    await using parent = new Parent();
    const worker = await parent.worker();
    parent.child.send({ type: "fail", why: "it fell over" });
    await parent.tells({ died: "our own code failed: it fell over (EFAULT)" });
    expect(isAlive(worker)).toBe(false);
  });

  const misunderstood =
    "a worker process and its parent do not understand each other";
  test.each<[unknown, string]>([
    [{ type: "exit", status: "3" }, ', at "exit.status"'],
    [{ type: "exit" }, ', at "exit.status"'],
    [{ type: "quit" }, ""],
    [{ type: "toString" }, ""],
    [{}, ""],
    ["exit", ""],
  ])("has a worker refuse %j", async (message, where) => {
    await using parent = new Parent();
    const worker = await parent.worker();
    parent.child.send(message as object);
    await parent.tells({ died: `${misunderstood}${where} (EWORKER)` });
    expect(isAlive(worker)).toBe(false);
  });

  test.each<[unknown, string]>([
    [{ type: "said", what: 1, by: "me" }, ', at "said.by"'],
    [{ type: "failed", summary: "x", code: "EWHAT" }, ', at "failed.code"'],
    [{ type: "say", what: 1 }, ""],
    [[], ""],
    [null, ""],
  ])("does not take %j from a worker", async (message, where) => {
    await using parent = new Parent();
    const worker = await parent.worker();
    parent.child.send({ type: "babble", message });
    await parent.tells({ died: `${misunderstood}${where} (EWORKER)` });
    expect(isAlive(worker)).toBe(false);
  });
});
