import { describe, expect, test } from "bun:test";

import { figures } from "../../../src/admin/page/figures.ts";
import type { Snapshot } from "../../../src/status/snapshot.ts";
import { FakeSource } from "../../support/fake-source.ts";
import { pageScript } from "../../support/page-script.ts";

const { isAlarming, notesOf, valueOf } = await pageScript("figures");
const { Meter } = await pageScript("meter");

const NOBODY = { search: "", limit: 0 };

/** Each figure as it is shown: its value, and what is said below it. */
function shown(...snapshots: Snapshot[]) {
  return Object.fromEntries(
    figures.map((figure) => {
      const meter = new Meter();
      const values = snapshots.map((one) => valueOf(figure, one, meter));
      return [
        figure.name,
        [values.at(-1), ...notesOf(figure, snapshots.at(-1))],
      ];
    }),
  );
}

function alarms(snapshot: Snapshot): string[] {
  return figures
    .filter((figure) => isAlarming(figure, snapshot))
    .map(({ name }) => name);
}

describe("the page's figures", () => {
  test("show what is counted, with limits and sums", async () => {
    const source = new FakeSource(2);
    const snapshot = await source.snapshot(NOBODY);
    const { bytes } = snapshot;
    const later = {
      ...snapshot,
      at: snapshot.at + 2000,
      bytes: { ...bytes, in: bytes.in + 3_000_000 },
    };
    expect(shown(snapshot, later)).toEqual({
      Connections: ["2", "of 10,000 at most", "1,236 since the start"],
      Rejected: ["7", "max-connections 7"],
      Received: ["1.50 MB/s", "23.0 MB in all"],
      Sent: ["0 B/s", "20.0 MB in all"],
      Pending: ["0 B", "of 268 MB at most", "4.10 kB dropped in all"],
      Stalled: ["0", "5 since the start"],
      Closed: ["1,234", "FIN 1,200", "RST 30", "error 4"],
      Up: ["1m 02s", expect.stringMatching(/^since 1 Nov/)],
      "Loop delay, p99": ["1.20 ms", "p50 0.31 ms", "max 30.1 ms"],
      Memory: ["123 MB", "2 workers", "2 alive", "1 restarted"],
    });
  });

  test("say nothing of limits and workers that there are not", async () => {
    const source = new FakeSource(2);
    source.totals = {
      limits: { connections: null, pending: null },
      workers: { planned: 0, alive: 0, restarts: 0 },
    };
    const { Connections, Memory, Pending } = shown(
      await source.snapshot(NOBODY),
    );
    expect(Connections).toEqual(["2", "1,236 since the start"]);
    expect(Pending).toEqual(["0 B", "4.10 kB dropped in all"]);
    expect(Memory).toEqual(["123 MB", "one process"]);
  });

  test("alarm where somebody should look", async () => {
    const source = new FakeSource(2);
    const quiet = await source.snapshot(NOBODY);
    expect(alarms(quiet)).toEqual([]);
    const unlimited = { connections: null, pending: null };
    expect(alarms({ ...quiet, limits: unlimited })).toEqual([]);
    const full = { ...quiet.limits, connections: 2 };
    expect(alarms({ ...quiet, limits: full })).toEqual(["Connections"]);
    const stalled = { now: 1, ever: 1 };
    expect(alarms({ ...quiet, stalled })).toEqual(["Stalled"]);
    const workers = { planned: 2, alive: 1, restarts: 0 };
    expect(alarms({ ...quiet, workers })).toEqual(["Memory"]);
  });

  test("are no rate before there are two readings", async () => {
    const { Received } = shown(await new FakeSource(1).snapshot(NOBODY));
    expect(Received?.[0]).toBe("–");
  });
});
