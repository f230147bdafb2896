import {
  afterEach,
  beforeEach,
  describe,
  expect,
  jest,
  spyOn,
  test,
} from "bun:test";

import fc from "fast-check";

import {
  type PoolOptions,
  portionOf,
  WorkerPool,
} from "../../src/cluster/pool.ts";
import type { ToServer } from "../../src/cluster/messages.ts";
import { SounderError } from "../../src/errors/errors.ts";
import type { ServerTls } from "../../src/inbound/layers/tls.ts";
import { NOTHING } from "../../src/status/snapshot.ts";
import { peerOf } from "../support/fake-source.ts";
import { FakeWorker, settled } from "../support/fake-worker.ts";

const SECOND = 1000;
const ALL = { search: "", limit: 100 };
const OPTIONS: PoolOptions = { addresses: [], log: "off", orphaned: {} };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

type Serve = ToServer & { type: "serve" };

/** A pool, its workers in the order of their birth, and what is told of them. */
function poolOf(size: number, options: Partial<PoolOptions> = {}) {
  const born: FakeWorker[] = [];
  const told: string[] = [];
  const pool = new WorkerPool(
    size,
    { ...OPTIONS, ...options },
    {
      workerDied: (worker, why, wait) =>
        void told.push(`${worker} died: ${why}; ${wait} ms`),
      workerHangs: (worker) => void told.push(`${worker} hangs`),
      workerServes: (worker) => void told.push(`${worker} serves`),
    },
    (listener) => {
      const worker = new FakeWorker(listener);
      born.push(worker);
      return worker;
    },
  );
  return { pool, born, told };
}

/** As poolOf(), once all of them serve. */
async function serving(size: number, options: Partial<PoolOptions> = {}) {
  const all = poolOf(size, options);
  const started = all.pool.start();
  for (const worker of all.born) worker.serve();
  await started;
  return all;
}

/** Time passes, in which those who are named say a word each second. */
async function pass(seconds: number, ...speakers: FakeWorker[]) {
  for (let second = 0; second < seconds; second += 1) {
    jest.advanceTimersByTime(SECOND);
    for (const speaker of speakers) speaker.beat();
    await settled();
  }
}

function waitsIn(told: readonly string[]): number[] {
  return told.flatMap((line) => {
    const [, wait] = /; (\d+) ms$/.exec(line) ?? [];
    return wait === undefined ? [] : [Number(wait)];
  });
}

describe("WorkerPool", () => {
  test("WorkerPool waits twice as long for each early death, up to 10 s", async () => {
    const { born, told } = await serving(1);
    for (let death = 0; death < 9; death += 1) {
      born.at(-1)!.die();
      await settled();
      const count = born.length;
      jest.advanceTimersByTime(waitsIn(told).at(-1)! - 1);
      expect(born).toHaveLength(count);
      jest.advanceTimersByTime(1);
      expect(born).toHaveLength(count + 1);
      born.at(-1)!.serve();
    }
    const doubled = [100, 200, 400, 800, 1600, 3200, 6400];
    expect(waitsIn(told)).toEqual([...doubled, 10_000, 10_000]);
  });

  test("WorkerPool waits little again for one that has lived for long", async () => {
    const { born, told } = await serving(1);
    for (const lived of [0, 0, 9, 11, 0]) {
      await pass(lived, born.at(-1)!);
      born.at(-1)!.die();
      await settled();
      jest.advanceTimersByTime(waitsIn(told).at(-1)!);
      born.at(-1)!.serve();
    }
    expect(waitsIn(told)).toEqual([100, 200, 400, 100, 200]);
  });

  test("WorkerPool tries again where a process can't be started", async () => {
    const { pool, born, told } = await serving(1);
    born[0]!.die();
    await settled();
    for (const wait of [100, 200]) {
      jest.advanceTimersByTime(wait);
      born.at(-1)!.die("cannot start a worker process: no such file");
      await settled();
    }
    expect(told.slice(1)).toEqual([
      "1 died: cannot start a worker process: no such file (EWORKER); 200 ms",
      "1 died: cannot start a worker process: no such file (EWORKER); 400 ms",
    ]);
    expect(pool.unready).toBe("no-worker");
    jest.advanceTimersByTime(400);
    born.at(-1)!.serve();
    expect(told.at(-1)).toBe("1 serves");
    expect(pool.unready).toBeUndefined();
  });

  test("WorkerPool gives workers that are born later the new certificate", async () => {
    const tls: ServerTls = { cert: "old", key: "old" };
    const { pool, born } = await serving(2, { tls });
    const renewed: ServerTls = { cert: "new", key: "new" };
    pool.useTls(renewed);
    for (const worker of born.slice()) {
      expect(worker.messages.at(-1)).toEqual({ type: "tls", tls: renewed });
      worker.die();
    }
    await settled();
    jest.advanceTimersByTime(100);
    for (const worker of born) worker.serve();
    const identities = born.map(
      ({ messages }) => (messages[0] as Serve).options.tls,
    );
    expect(identities).toEqual([tls, tls, renewed, renewed]);
  });

  test("WorkerPool numbers its workers from 1, and each keeps its number", async () => {
    const { born } = await serving(3);
    born[1]!.die();
    await settled();
    jest.advanceTimersByTime(100);
    born[3]!.serve();
    const numbers = born.map(({ messages }) => (messages[0] as Serve).worker);
    expect(numbers).toEqual([1, 2, 3, 2]);
  });

  test("WorkerPool tells that one serves again, once it does", async () => {
    const { born, told } = await serving(1);
    born[0]!.die();
    await settled();
    jest.advanceTimersByTime(100);
    born[1]!.listener.onUp();
    expect(told).toHaveLength(1);
    born[1]!.say({ type: "serving" });
    born[1]!.beat();
    expect(told.slice(1)).toEqual(["1 serves"]);
  });

  test("WorkerPool tells the first reason of a death", async () => {
    const { pool, born } = poolOf(1);
    const started = pool.start();
    started.catch(() => {});
    const [worker] = born as [FakeWorker];
    const summary = "cannot listen on 127.0.0.1:1: permission denied";
    // It is killed for it, and until that is heard of it may be given up, too.
    worker.lives = true;
    worker.kill(new SounderError(summary, "EACCES"));
    await pass(31);
    worker.die();
    await expect(started).rejects.toMatchObject({ summary, code: "EACCES" });
  });

  test("WorkerPool kills and replaces one that is silent, and counts it", async () => {
    const { pool, born, told } = await serving(2);
    const [one, two] = born as [FakeWorker, FakeWorker];
    one.beat(7);
    two.beat(3);
    await pass(2, two);
    expect(told).toEqual([]);
    await pass(1, two);
    expect(told).toEqual(["1 hangs"]);
    expect(pool.unready).toBeUndefined();
    expect(one.killed).toBe(false);
    await pass(2, two);
    expect(one.killed).toBe(true);
    expect(told.at(-1)).toBe(
      "1 died: it said nothing for 5 s, and was killed (EWORKER); 100 ms",
    );
    jest.advanceTimersByTime(100);
    born.at(-1)!.serve();
    expect(told.at(-1)).toBe("1 serves");
    const snapshot = pool.snapshot(ALL);
    jest.advanceTimersByTime(SECOND);
    const { workers, connections, closed } = await snapshot;
    expect(workers).toEqual({ planned: 2, alive: 2, restarts: 1 });
    expect(closed).toEqual({ "worker-died": 7 });
    const ended = connections.total - connections.open;
    expect(ended).toBe(7);
  });

  test("WorkerPool lets one that was silent for a while go on", async () => {
    const { pool, born, told } = await serving(1);
    await pass(4);
    expect(pool.unready).toBe("no-worker");
    born[0]!.beat();
    expect(told).toEqual(["1 hangs", "1 serves"]);
    expect(pool.unready).toBeUndefined();
    await pass(4);
    expect(born[0]!.killed).toBe(false);
  });

  test("WorkerPool gives one time to start, and no more than that", async () => {
    const { pool, born } = poolOf(1);
    const started = pool.start();
    started.catch(() => {});
    await pass(29);
    expect(born[0]!.killed).toBe(false);
    await pass(1);
    await expect(started).rejects.toMatchObject({
      code: "EWORKER",
      message: "it said nothing for 30 s, and was killed (EWORKER)",
    });
    expect(jest.getTimerCount()).toBe(0);
  });

  test("WorkerPool does not start with one that died meanwhile", async () => {
    const { pool, born } = poolOf(2);
    const started = pool.start();
    started.catch(() => {});
    born[0]!.serve();
    born[0]!.die();
    await settled();
    born[1]!.serve();
    await expect(started).rejects.toMatchObject({ code: "EWORKER" });
    expect(born[1]!.killed).toBe(true);
  });

  test("WorkerPool says why nobody is let in, by what its workers say", async () => {
    const { pool, born } = await serving(2);
    const [one, two] = born as [FakeWorker, FakeWorker];
    const { counts } = { counts: await poolOf(0).pool.snapshot(ALL) };
    one.say({ type: "heartbeat", unready: "no-files", counts });
    expect(pool.unready).toBeUndefined();
    two.die();
    await settled();
    expect(pool.unready).toBe("no-files");
    one.die();
    await settled();
    expect(pool.unready).toBe("no-worker");
    void pool.stop();
    expect(pool.unready).toBe("draining");
  });
});

describe("stop()", () => {
  test("stop() has nobody started again", async () => {
    const { pool, born } = await serving(1);
    born[0]!.die();
    await settled();
    expect(await pool.stop()).toBe(0);
    jest.advanceTimersByTime(60_000);
    expect(born).toHaveLength(1);
    expect((await pool.snapshot(ALL)).workers.restarts).toBe(0);
  });

  test("stop() does not wait for one that is silent", async () => {
    const { pool, born } = await serving(2);
    const [silent, other] = born as [FakeWorker, FakeWorker];
    silent.beat(5);
    const stopped = pool.stop({ drainTimeout: 60 * SECOND });
    await pass(3, other);
    expect(silent.killed).toBe(true);
    await pass(20, other);
    expect(other.killed).toBe(false);
    other.say({ type: "stopped", reset: 2 });
    // It may still be writing its log, without a word to us.
    await pass(3);
    expect(other.killed).toBe(false);
    other.die();
    await settled();
    expect(await stopped).toBe(7);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("stop() ends one at once that hangs already", async () => {
    const { pool, born } = await serving(1);
    born[0]!.beat(4);
    await pass(3);
    expect(born[0]!.killed).toBe(false);
    const stopped = pool.stop();
    expect(born[0]!.killed).toBe(true);
    await settled();
    expect(await stopped).toBe(4);
  });

  test("stop() gives time to drain, and no more than that", async () => {
    const { pool, born } = await serving(1);
    const [worker] = born as [FakeWorker];
    void pool.stop({ drainTimeout: 10 * SECOND });
    await pass(10, worker);
    expect(worker.killed).toBe(false);
    await pass(1, worker);
    expect(worker.killed).toBe(true);
  });

  test("stop() takes no drain for none that is longer than a timer's most", async () => {
    const { pool } = await serving(1);
    using timers = spyOn(globalThis, "setTimeout");
    void pool.stop({ drainTimeout: 1000 * 3600 * SECOND });
    const waits = timers.mock.calls.map(([, wait]) => wait);
    expect(waits).toEqual([2 ** 31 - 1]);
  });
});

describe("snapshot()", () => {
  test("snapshot() lists nobody of one that does not answer", async () => {
    const { pool, born } = await serving(1);
    const [worker] = born as [FakeWorker];
    async function ask() {
      const asked = pool.snapshot(ALL);
      const { question } = worker.messages.at(-1) as ToServer & {
        question: number;
      };
      return { asked, question };
    }
    const first = await ask();
    const { startedAt } = await poolOf(0).pool.snapshot(ALL);
    const peers = [peerOf(1)];
    const snapshot = { ...NOTHING, startedAt, peers, found: 1 };
    worker.say({ type: "snapshot", question: first.question, snapshot });
    expect((await first.asked).peers).toEqual(peers);

    const second = await ask();
    jest.advanceTimersByTime(SECOND);
    expect(await second.asked).toMatchObject({ peers: [], found: 0 });
    await pass(2);
    // One that hangs is not even asked.
    const messages = worker.messages.length;
    expect(await pool.snapshot(ALL)).toMatchObject({ peers: [], found: 0 });
    expect(worker.messages).toHaveLength(messages);
  });

  test("snapshot() is of all since the first start", async () => {
    const { pool, born } = await serving(1);
    const asked = pool.snapshot(ALL);
    jest.advanceTimersByTime(SECOND);
    const { startedAt } = await asked;
    expect(startedAt).toBeLessThan(Infinity);
    born[0]!.die();
    await settled();
    jest.advanceTimersByTime(SECOND);
    expect((await pool.snapshot(ALL)).startedAt).toBe(startedAt);
  });

  test("snapshot() does not keep what it has asked", async () => {
    const { pool, born } = await serving(1);
    const [worker] = born as [FakeWorker];
    const { handles } = pool as unknown as {
      handles: { answers: Map<number, unknown> }[];
    };
    const timers = jest.getTimerCount();
    for (const answers of [true, false]) {
      const asked = pool.snapshot(ALL);
      const message = worker.messages.at(-1) as ToServer & { type: "snapshot" };
      const { question } = message;
      expect(handles[0]!.answers.size).toBe(1);
      const snapshot = await poolOf(0).pool.snapshot(ALL);
      if (answers) worker.say({ type: "snapshot", question, snapshot });
      else jest.advanceTimersByTime(SECOND);
      await asked;
      expect(jest.getTimerCount()).toBe(timers);
      expect(handles[0]!.answers.size).toBe(0);
    }
  });
});

describe("portionOf()", () => {
  test("portionOf() deals out all of a limit, and nobody far more", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.nat(10_000),
        (size, more) => {
          const limit = size + more;
          const options = {
            ...OPTIONS,
            maxConnections: limit,
            maxPending: limit,
          };
          const portions = Array.from({ length: size }, (_, index) =>
            portionOf(options, index, size),
          );
          for (const key of ["maxConnections", "maxPending"] as const) {
            const shares = portions.map((portion) => portion[key]!);
            expect(shares.reduce((sum, share) => sum + share)).toBe(limit);
            expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(2);
          }
        },
      ),
      { seed: 20261125 },
    );
    expect(portionOf(OPTIONS, 0, 2)).toMatchObject({ maxPending: undefined });
  });
});
