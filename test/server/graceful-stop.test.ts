import { describe, expect, test } from "bun:test";

import { drain } from "../../src/server/graceful-stop.ts";
import { Peer } from "../../src/server/peer.ts";
import { FakeWire } from "../support/fake-wire.ts";
import { until } from "../support/until.ts";

/** One peer, the drain that ends it, and what is done with its socket. */
function draining(timeout = 60_000) {
  const wire = new FakeWire<Peer>();
  const peer = new Peer(1, wire);
  const open = new Set([peer]);
  const drained = drain(open, timeout, new AbortController().signal);
  return { peer, acts: wire.acts, close: () => open.delete(peer), drained };
}

const SECOND = 1000;
const after = async (ms: number) => {
  const since = performance.now();
  await until(() => performance.now() - since >= ms, `${ms} ms to pass`);
};

describe("drain()", () => {
  test("drain() finishes a peer once, a second after it became quiet", async () => {
    const { peer, acts, close, drained } = draining();
    await after(0.5 * SECOND);
    peer.bytesIn += 1;
    await after(0.8 * SECOND);
    expect(acts).toEqual([]);
    await until(() => acts.length > 0, "the FIN");
    expect(peer).toMatchObject({ phase: "finished", cause: "stop" });
    await after(1.2 * SECOND);
    expect(acts).toEqual(["shutdown"]);
    close();
    expect(await drained).toBe(0);
  });

  test("drain() takes no one for quiet whom its process did not hear", async () => {
    const { acts, close, drained } = draining();
    Bun.sleepSync(1.3 * SECOND);
    await after(0.3 * SECOND);
    expect(acts).toEqual([]);
    close();
    expect(await drained).toBe(0);
  });

  test("drain() takes no one for quiet who is not read from", async () => {
    const { peer, acts, close, drained } = draining();
    peer.isPaused = true;
    await after(1.5 * SECOND);
    expect(acts).toEqual([]);
    peer.isPaused = false;
    await until(() => acts.length > 0, "the FIN");
    close();
    expect(await drained).toBe(0);
  });

  test("drain() leaves a peer that has finished to its own end", async () => {
    const { peer, acts, close, drained } = draining();
    peer.phase = "draining";
    await after(1.3 * SECOND);
    expect(acts).toEqual([]);
    close();
    expect(await drained).toBe(0);
  });

  test("drain() waits for those on the way, though nobody is there yet", async () => {
    let onTheWay = 2;
    let ended = false;
    const { signal } = new AbortController();
    const drained = drain(new Set(), 60_000, signal, () => onTheWay);
    void drained.then(() => (ended = true));
    await after(0.3 * SECOND);
    expect(ended).toBe(false);
    onTheWay = 0;
    expect(await drained).toBe(0);
  });

  test("drain() serves one who arrives while it waits", async () => {
    const open = new Set<Peer>();
    let onTheWay = 1;
    const { signal } = new AbortController();
    const drained = drain(open, 60_000, signal, () => onTheWay);
    const wire = new FakeWire<Peer>();
    const peer = new Peer(1, wire);
    open.add(peer);
    onTheWay = 0;
    await until(() => wire.acts.length > 0, "the FIN");
    expect(wire.acts).toEqual(["shutdown"]);
    open.delete(peer);
    expect(await drained).toBe(0);
  });

  test("drain() resets what is left in the end, and counts it", async () => {
    const { peer, acts, drained } = draining(50);
    expect(await drained).toBe(1);
    expect(acts).toEqual(["terminate"]);
    expect(peer.cause).toBe("stop");
  });

  test("drain() resets within its own call when it has no time", () => {
    const { acts } = draining(0);
    expect(acts).toEqual(["terminate"]);
  });
});
