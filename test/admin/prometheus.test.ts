import { describe, expect, test } from "bun:test";

import { prometheusText } from "../../src/admin/prometheus.ts";
import { FakeSource } from "../support/fake-source.ts";
import { peerProgram } from "../support/peer.ts";
import { samplesOf } from "../support/samples.ts";

const promtool = peerProgram("promtool");
const EVERYTHING = { search: "", limit: 0 };

async function textOf(source: FakeSource, ready = true): Promise<string> {
  const snapshot = await source.snapshot(EVERYTHING);
  return prometheusText(snapshot, { version: "1.2.3", ready });
}

describe("prometheusText()", () => {
  test("prometheusText() tells what the snapshot tells", async () => {
    const source = new FakeSource(3);
    source.peers[0]!.stalled = true;
    source.peers[0]!.pending = 500;
    source.peers[0]!.bytesOut -= 500;
    const samples = samplesOf(await textOf(source));
    expect(Object.fromEntries(samples)).toEqual({
      sounder_connections_open: 3,
      sounder_connections_limit: 10_000,
      sounder_connections_total: 1237,
      'sounder_connections_rejected_total{reason="max-connections"}': 7,
      'sounder_connections_rejected_total{reason="deny"}': 0,
      'sounder_connections_closed_total{cause="FIN"}': 1200,
      'sounder_connections_closed_total{cause="RST"}': 30,
      'sounder_connections_closed_total{cause="stop"}': 0,
      'sounder_connections_closed_total{cause="error"}': 4,
      sounder_connections_stalled: 1,
      sounder_stalls_total: 6,
      sounder_received_bytes_total: 29_999_400,
      sounder_sent_bytes_total: 29_998_900,
      sounder_pending_bytes: 500,
      sounder_pending_limit_bytes: 268_435_456,
      sounder_dropped_bytes_total: 4096,
      sounder_event_loop_delay_p50_seconds: 0.00031,
      sounder_event_loop_delay_p99_seconds: 0.0012,
      sounder_event_loop_delay_max_seconds: 0.0301,
      sounder_resident_memory_bytes: 123_456_789,
      sounder_workers_planned: 2,
      sounder_workers_alive: 2,
      sounder_worker_restarts_total: 1,
      sounder_ready: 1,
      sounder_start_time_seconds: 1_793_523_907,
      [`sounder_build_info{version="1.2.3",bun_version="${Bun.version}"}`]: 1,
    });
  });

  test("prometheusText() tells that the server drains", async () => {
    const samples = samplesOf(await textOf(new FakeSource(), false));
    expect(samples.get("sounder_ready")).toBe(0);
  });

  test("prometheusText() tells that there is no limit", async () => {
    const source = new FakeSource();
    source.totals = { limits: { connections: null, pending: null } };
    const text = await textOf(source);
    expect(text).toContain("sounder_connections_limit +Inf\n");
    expect(text).toContain("sounder_pending_limit_bytes +Inf\n");
  });

  test("prometheusText() keeps nothing of the call before", async () => {
    const source = new FakeSource(1);
    const before = await textOf(source);
    expect(await textOf(source)).toBe(before);
  });

  test("prometheusText() escapes what a label must not have", async () => {
    const source = new FakeSource();
    source.totals = { closed: { 'a"b\\c\nd': 1 } };
    expect(await textOf(source)).toContain(
      'sounder_connections_closed_total{cause="a\\"b\\\\c\\nd"} 1\n',
    );
  });

  test.skipIf(promtool === undefined)(
    "prometheusText() is what promtool finds no fault with",
    async () => {
      const checked = Bun.spawnSync([promtool!, "check", "metrics"], {
        stdin: Buffer.from(await textOf(new FakeSource(3))),
      });
      expect({
        status: checked.exitCode,
        said: `${checked.stdout}${checked.stderr}`,
      }).toEqual({ status: 0, said: "" });
    },
  );
});
