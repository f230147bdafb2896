import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { lock } from "../../../src/socket/bind/lock.ts";
import { claim } from "../../../src/socket/bind/unix.ts";
import { Program } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { killedServer } from "../../support/unix-socket.ts";

const source = join(import.meta.dir, "../../../src/socket/bind/lock.ts");

/** Another process, which has the lock until it is killed. */
async function holder(what: string): Promise<Program> {
  const script = `
    const { lock } = await import(${JSON.stringify(source)});
    globalThis.held = await lock(${JSON.stringify(what)});
    console.error("held");
    await Bun.stdin.text();`;
  const program = new Program([process.execPath, "-e", script]);
  await program.says(/held/);
  return program;
}

describe.skipIf(process.platform !== "linux")("lock()", () => {
  test("lock() waits until another process is gone", async () => {
    await using other = await holder("test/a");
    let mine = false;
    const waiting = lock("test/a", 20_000).then((held) => {
      mine = true;
      return held;
    });
    using _unrelated = await lock("test/b");
    expect(mine).toBe(false);
    other.child.kill("SIGKILL");
    using _mine = await waiting;
  });

  test("lock() goes on without in the end", async () => {
    await using _other = await holder("test/c");
    using _none = await lock("test/c", 50);
  });

  test("lock() is free again where its scope ends", async () => {
    for (let round = 0; round < 3; round += 1) {
      using _held = await lock("test/d", 0);
      const since = performance.now();
      using _none = await lock("test/d", 20);
      expect(performance.now() - since).toBeGreaterThanOrEqual(20);
    }
  });

  test("claim() decides about a path while nobody else does", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("claimed.sock");
    killedServer(path);
    const { promise: opened, resolve } = Promise.withResolvers<void>();
    let tries = 0;
    const open = (unix: string) => {
      tries += 1;
      resolve();
      return Bun.listen({ unix, socket: { data() {} } });
    };
    let claiming: ReturnType<typeof claim>;
    {
      using _held = await lock(`listen/${Bun.hash("claimed.sock")}`);
      claiming = claim(path, open);
      await Bun.sleep(20);
      expect(tries).toBe(0);
    }
    await opened;
    const { listener } = await claiming;
    (listener as { stop(): void }).stop();
    // One that failed, for the dead server's socket, and one that did not.
    expect(tries).toBe(2);
  });
});
