import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { readdirSync } from "node:fs";

import { Listeners } from "../../../src/inbound/listen/listeners.ts";
import { SpareFiles } from "../../../src/inbound/listen/spare-files.ts";
import type { Endpoint, Listenable } from "../../../src/address/endpoint.ts";
import { noProc } from "../../support/child.ts";
import { settled } from "../../support/fake-worker.ts";
import { freePort } from "../../support/free-port.ts";

const LOOK = 1000;

/** Spare files of a process that has as many as a test says. */
class FakeSpare extends SpareFiles {
  enough = true;
  held = false;

  override areMore(): boolean {
    return this.enough;
  }
  override take(): boolean {
    if (this.enough) this.held = true;
    return this.enough;
  }
  override give(): void {
    this.held = false;
  }
}

/** Listeners on a free port, until their scope ends. */
async function listening(wanted: Listenable[] = ["0"].map(local)) {
  const told: boolean[] = [];
  const spare = new FakeSpare();
  const meanwhile = { onListen() {} };
  const listeners = new Listeners(
    {
      handlersFor() {
        meanwhile.onListen();
        return { data() {} } as never;
      },
      onFiles: (left) => void told.push(left),
    },
    spare,
  );
  await listeners.open(wanted);
  const { port } = listeners.endpoints[0] as { port: number };
  async function look(): Promise<void> {
    jest.advanceTimersByTime(LOOK);
    await settled();
  }
  async function starve(): Promise<void> {
    spare.enough = false;
    await look();
  }
  return {
    listeners,
    spare,
    meanwhile,
    told,
    look,
    starve,
    port,
    [Symbol.dispose]: () => listeners.close(),
  };
}

function local(port: string): Endpoint {
  return { kind: "tcp", host: "127.0.0.1", port: Number(port) };
}

/** Takes a port; nobody else may have it then. */
function take(port: number): Bun.TCPSocketListener {
  return Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } });
}

function isFree(port: number): boolean {
  try {
    take(port).stop(true);
    return true;
  } catch {
    return false;
  }
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe("Listeners", () => {
  test("Listeners leaves its port while there is no file, and not its readiness unsaid", async () => {
    using all = await listening();
    const { listeners, spare, told, port } = all;
    expect([isFree(port), spare.held]).toEqual([false, true]);
    await all.look();
    expect(told).toEqual([]);
    await all.starve();
    expect(told).toEqual([false]);
    expect(listeners.unready).toBe("no-files");
    // What was spared keeps the rest of the process going.
    expect([isFree(port), spare.held]).toEqual([true, false]);
    await all.look();
    expect(isFree(port)).toBe(true);

    spare.enough = true;
    await all.look();
    expect(told).toEqual([false, true]);
    expect(listeners.unready).toBeUndefined();
    expect([isFree(port), spare.held]).toEqual([false, true]);
  });

  test("Listeners tries again where somebody has its port, and spares no file meanwhile", async () => {
    using all = await listening();
    const { listeners, spare, told, port } = all;
    await all.starve();
    {
      using _taken = take(port);
      spare.enough = true;
      for (let round = 0; round < 3; round += 1) {
        await all.look();
        expect(listeners.unready).toBe("no-files");
        expect(spare.held).toBe(false);
      }
    }
    await all.look();
    expect(told).toEqual([false, true]);
    expect([isFree(port), spare.held]).toEqual([false, true]);
  });

  test("Listeners listens no more when it is closed while it tries again", async () => {
    using all = await listening();
    const { listeners, spare, told, port } = all;
    await all.starve();
    spare.enough = true;
    all.meanwhile.onListen = () => listeners.close();
    await all.look();
    expect(told).toEqual([false]);
    expect(listeners.unready).toBe("draining");
    expect([isFree(port), spare.held]).toEqual([true, false]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("Listeners gives its spare files back when it is closed", async () => {
    using all = await listening();
    all.listeners.close();
    expect(all.spare.held).toBe(false);
    expect(isFree(all.port)).toBe(true);
  });

  test("Listeners has none of its addresses where it can't have all", async () => {
    const free = freePort();
    using taken = take(0);
    const wanted = [local(String(free)), local(String(taken.port))];
    await expect(listening(wanted)).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    expect(isFree(free)).toBe(true);
  });
});

describe.skipIf(noProc)("SpareFiles", () => {
  const open = () => readdirSync("/proc/self/fd").length;

  test("SpareFiles holds eight, and gives all of them back", () => {
    const spare = new SpareFiles();
    const before = open();
    expect(spare.areMore()).toBe(true);
    expect(open()).toBe(before);
    expect(spare.take()).toBe(true);
    expect(open()).toBe(before + 8);
    spare.give();
    expect(open()).toBe(before);
    spare.give();
    expect(open()).toBe(before);
  });
});
