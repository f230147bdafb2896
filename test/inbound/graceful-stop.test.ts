import { describe, expect, test } from "bun:test";

import { gracefulStop } from "../../src/inbound/graceful-stop.ts";
import { Peer } from "../../src/server/peer.ts";
import { FakeWire } from "../support/fake-wire.ts";
import { until } from "../support/until.ts";

/** A stop of the peers in `open`, and of so many that are still to come. */
function stopping(
  open: ReadonlySet<Peer>,
  timeout = 60_000,
  pending = () => 0,
) {
  const cut = new AbortController();
  const stopped = gracefulStop(open, {
    timeout,
    cut: cut.signal,
    pendingHandshakes: pending,
  });
  return { cut, stopped };
}

/** One peer, the stop that ends it, and what is done with its socket. */
function stoppingOne(timeout?: number) {
  const wire = new FakeWire<Peer>();
  const peer = new Peer(1, wire);
  const open = new Set([peer]);
  const close = () => open.delete(peer);
  return { peer, acts: wire.acts, close, ...stopping(open, timeout) };
}

const SECOND = 1000;
const after = async (ms: number) => {
  const since = performance.now();
  await until(() => performance.now() - since >= ms, `${ms} ms to pass`);
};

describe("gracefulStop()", () => {
  test("gracefulStop() finishes a peer once, a second after it became quiet", async () => {
    const { peer, acts, close, stopped } = stoppingOne();
    await after(0.5 * SECOND);
    peer.bytesIn += 1;
    await after(0.8 * SECOND);
    expect(acts).toEqual([]);
    await until(() => acts.length > 0, "the FIN");
    expect(peer).toMatchObject({ phase: "finished", cause: "stop" });
    await after(1.2 * SECOND);
    expect(acts).toEqual(["shutdown"]);
    close();
    await stopped;
  });

  test("gracefulStop() takes no one for quiet whom its process did not hear", async () => {
    const { acts, close, stopped } = stoppingOne();
    Bun.sleepSync(1.3 * SECOND);
    await after(0.3 * SECOND);
    expect(acts).toEqual([]);
    close();
    await stopped;
  });

  test("gracefulStop() takes no one for quiet who is not read from", async () => {
    const { peer, acts, close, stopped } = stoppingOne();
    peer.isPaused = true;
    await after(1.5 * SECOND);
    expect(acts).toEqual([]);
    peer.isPaused = false;
    await until(() => acts.length > 0, "the FIN");
    close();
    await stopped;
  });

  test("gracefulStop() leaves a peer that has finished to its own end", async () => {
    const { peer, acts, close, stopped } = stoppingOne();
    peer.phase = "flushing";
    await after(1.3 * SECOND);
    expect(acts).toEqual([]);
    close();
    await stopped;
  });

  test("gracefulStop() waits for those on the way, though nobody is there yet", async () => {
    let pending = 2;
    let ended = false;
    const { stopped } = stopping(new Set(), undefined, () => pending);
    void stopped.then(() => (ended = true));
    await after(0.3 * SECOND);
    expect(ended).toBe(false);
    pending = 0;
    await stopped;
  });

  test("gracefulStop() serves one who arrives while it waits", async () => {
    const open = new Set<Peer>();
    let pending = 1;
    const { stopped } = stopping(open, undefined, () => pending);
    const wire = new FakeWire<Peer>();
    const peer = new Peer(1, wire);
    open.add(peer);
    pending = 0;
    await until(() => wire.acts.length > 0, "the FIN");
    expect(wire.acts).toEqual(["shutdown"]);
    open.delete(peer);
    await stopped;
  });

  test("gracefulStop() leaves the rest when its time is up", async () => {
    const { acts, stopped } = stoppingOne(50);
    await stopped;
    expect(acts).toEqual([]);
  });

  test("gracefulStop() leaves the rest when it is cut short", async () => {
    const { cut, stopped } = stoppingOne();
    cut.abort();
    await stopped;
  });
});
