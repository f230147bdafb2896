import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";

import { Feed } from "../../src/admin/feed.ts";
import { FakeSource } from "../support/fake-source.ts";
import { ServerEvents } from "../support/server-events.ts";

const ALL = { search: "", limit: 100 };
const SECOND = 1000;

/** A source whose snapshots are numbered, by their time. */
function numbered(peers = 0): FakeSource {
  const source = new FakeSource(peers);
  source.now = () => source.asked.length;
  return source;
}

async function times(events: ServerEvents, count: number): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) {
    seen.push(((await events.next()).data as { at: number }).at);
  }
  return seen;
}

describe("Feed", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  test("view() tells at once, and then once a second", async () => {
    const source = numbered(3);
    const feed = new Feed(source);
    const events = new ServerEvents(feed.view({ search: "10.0", limit: 2 }));
    expect(await events.next()).toMatchObject({
      name: "snapshot",
      data: { at: 1, unready: null, found: 3, peers: [{ id: 1 }, { id: 2 }] },
    });
    for (const at of [2, 3, 4]) {
      jest.advanceTimersByTime(SECOND);
      expect(await times(events, 1)).toEqual([at]);
    }
    expect(new Set(source.asked.map(({ search }) => search))).toEqual(
      new Set(["10.0"]),
    );
    expect(source.asked).toHaveLength(4);
    feed.close();
  });

  test("view() asks once for all who look at the same", async () => {
    const source = numbered();
    const feed = new Feed(source);
    const viewers = Array.from(
      { length: 50 },
      () => new ServerEvents(feed.view(ALL)),
    );
    expect(feed.viewers).toBe(50);
    const told = async () =>
      new Set(
        await Promise.all(viewers.map(async (one) => (await times(one, 1))[0])),
      );
    expect(await told()).toEqual(new Set([1]));
    jest.advanceTimersByTime(SECOND);
    expect(await told()).toEqual(new Set([2]));
    expect(source.asked).toHaveLength(2);
    feed.close();
  });

  test("view() tells who comes later what was told last", async () => {
    const source = numbered();
    const feed = new Feed(source);
    const first = new ServerEvents(feed.view(ALL));
    expect(await times(first, 1)).toEqual([1]);
    const second = new ServerEvents(feed.view(ALL));
    expect(await times(second, 1)).toEqual([1]);
    expect(source.asked).toHaveLength(1);
    feed.close();
  });

  test("view() asks for each search by itself", async () => {
    const source = numbered(3);
    const feed = new Feed(source);
    const one = new ServerEvents(feed.view({ search: ":20001", limit: 10 }));
    const other = new ServerEvents(feed.view({ search: ":20002", limit: 10 }));
    expect((await one.next()).data).toMatchObject({ peers: [{ id: 1 }] });
    expect((await other.next()).data).toMatchObject({ peers: [{ id: 2 }] });
    feed.close();
  });

  test("nothing is asked once nobody looks", async () => {
    const source = numbered();
    const feed = new Feed(source);
    const [one, other] = [ALL, { search: "x", limit: 1 }].map(
      (query) => new ServerEvents(feed.view(query)),
    );
    await Promise.all([times(one!, 1), times(other!, 1)]);
    await one!.leave();
    jest.advanceTimersByTime(SECOND);
    expect(await times(other!, 1)).toEqual([3]);
    await other!.leave();
    expect(feed.viewers).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
    expect(source.asked).toHaveLength(3);

    const again = new ServerEvents(feed.view(ALL));
    expect(await times(again, 1)).toEqual([4]);
    jest.advanceTimersByTime(SECOND);
    expect(await times(again, 1)).toEqual([5]);
    feed.close();
  });

  test("a viewer who is behind is spared what it missed", async () => {
    const source = numbered();
    const feed = new Feed(source);
    const slow = new ServerEvents(feed.view(ALL));
    const quick = new ServerEvents(feed.view(ALL));
    expect(await times(quick, 1)).toEqual([1]);
    for (let at = 2; at <= 100; at += 1) {
      jest.advanceTimersByTime(SECOND);
      expect(await times(quick, 1)).toEqual([at]);
    }
    expect(await times(slow, 1)).toEqual([1]);
    jest.advanceTimersByTime(SECOND);
    expect(await times(slow, 1)).toEqual([101]);
    feed.close();
  });

  test("a source that takes long is not asked again meanwhile", async () => {
    const source = numbered();
    const { promise, resolve } = Promise.withResolvers<void>();
    const snapshot = source.snapshot.bind(source);
    source.snapshot = async (query) => {
      const taken = await snapshot(query);
      await promise;
      return taken;
    };
    const feed = new Feed(source);
    const events = new ServerEvents(feed.view(ALL));
    jest.advanceTimersByTime(10 * SECOND);
    resolve();
    expect(await times(events, 1)).toEqual([1]);
    expect(source.asked).toHaveLength(1);
    feed.close();
  });

  test("view() tells why there is no snapshot, and goes on", async () => {
    const source = numbered();
    source.trouble = new Error("a worker is busy");
    const feed = new Feed(source);
    const events = new ServerEvents(feed.view(ALL));
    expect(await events.next()).toEqual({
      name: "trouble",
      data: { message: "the server's state cannot be read: a worker is busy" },
    });
    source.trouble = undefined;
    source.why = "draining";
    jest.advanceTimersByTime(SECOND);
    expect(await events.next()).toMatchObject({
      name: "snapshot",
      data: { unready: "draining" },
    });
    feed.close();
  });

  test("close() takes no harm from a source that takes long", async () => {
    const source = numbered();
    const feed = new Feed(source);
    const events = new ServerEvents(feed.view(ALL));
    feed.close();
    await expect(events.next()).rejects.toThrow("ended");
    expect(source.asked).toHaveLength(1);
  });

  test("close() ends what everybody sees", async () => {
    const feed = new Feed(numbered());
    const viewers = [ALL, ALL, { search: "x", limit: 1 }].map(
      (query) => new ServerEvents(feed.view(query)),
    );
    await Promise.all(viewers.map((events) => times(events, 1)));
    feed.close();
    for (const events of viewers)
      await expect(events.next()).rejects.toThrow("ended");
    expect(feed.viewers).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
