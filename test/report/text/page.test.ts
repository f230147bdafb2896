import { describe, expect, test } from "bun:test";

import { page } from "../../../src/report/text/page.ts";
import { merge, attributed } from "../../../src/result/merge.ts";
import type { Result } from "../../../src/result/result.ts";
import { complaintsOf } from "../../support/schema.ts";
import { failing, openLoop, searching } from "../../support/results.ts";
import { resultOf, serviceTimes } from "../../support/result.ts";

function plain(result: Result, width = 80): string {
  return page(result, { width, colour: false });
}

/** A section's lines, without its title. */
function section(text: string, title: string): string[] {
  const lines = text.split("\n");
  const start = lines.indexOf(title) + 1;
  expect(start).toBeGreaterThan(0);
  return lines
    .slice(start, lines.indexOf("", start))
    .map((line) => line.trim());
}

describe("page()", () => {
  test("of a closed loop has its target, terms, figures and verdict", () => {
    const text = plain(resultOf(serviceTimes()));
    expect(text).toStartWith(
      "tcp://127.0.0.1:21567\n" +
        "raw replies · 64 connections · 1 in flight · 64 B messages · " +
        "closed loop ·\n10.0 s · from sea, 2 cores · 2026-11-01 09:05:07 UTC\n",
    );
    expect(section(text, "Summary")).toEqual([
      "rate         2,000/s, as fast as answers came",
      "throughput   128 kB/s each way",
      "messages     20,000 answered of 20,000 sent",
      "bytes        1.28 MB sent, 1.28 MB received, none wrong",
      "connections  64 opened of 64 planned, 0 lost",
      "errors       0",
    ]);
    expect(section(text, "Percentiles")[0]).toBe("latency");
    expect(text).toEndWith("\nPASS  all 20,000 answers were right\n");
  });

  test("of an open loop sets latency, service and pacing side by side", () => {
    const text = plain(openLoop);
    expect(section(text, "Percentiles").slice(0, 6)).toEqual([
      "latency  service   pacing",
      "min       26 µs    23 µs     5 µs",
      "mean    25.1 ms  82.5 µs  11.2 µs",
      "p50       81 µs    80 µs    11 µs",
      "p90      120 µs   110 µs    14 µs",
      "p99      800 ms   143 µs    18 µs",
    ]);
    expect(text).toContain("99.8 % of 4,000/s planned");
  });

  test("tells no share of a rate that chance made, unless it was missed", () => {
    const { options, rate } = openLoop;
    const rateAt = (messages: number) =>
      plain({
        ...openLoop,
        seconds: 1,
        options: { ...options, arrivals: "poisson" },
        rate: { ...rate, planned: 20, messages },
      });
    expect(rateAt(22)).toContain(
      "  rate         22/s, 20/s planned, at random",
    );
    expect(rateAt(16)).toContain(
      "  rate         16/s, 20/s planned, at random",
    );
    expect(rateAt(2)).toContain("  rate         2/s, 10.0 % of 20/s planned");
  });

  test("has no rate where all answers came too late for one", () => {
    const rate = { planned: null, messages: 0, bytes: 0 };
    const text = plain({ ...openLoop, rate });
    expect(text).toContain("  rate         –, as fast as answers came");
  });

  test("tells percentiles apart that are near each other", () => {
    const times = Array.from({ length: 10_000 }, (_, at) => 10_000 + at / 100);
    const text = plain(resultOf([times, times]));
    expect(section(text, "Percentiles").slice(1, 5)).toEqual([
      "min     10.00 ms",
      "mean    10.05 ms",
      "p50     10.05 ms",
      "p90     10.10 ms",
    ]);
    expect(section(text, "Latency")[0]).toMatch(/^< 10\.01 ms /);
    // A histogram knows three seconds to two milliseconds.
    const alike = plain(resultOf([Array<number>(9).fill(3_000_000)]));
    expect(section(alike, "Percentiles").slice(1, 4)).toEqual([
      "min      3.00 s",
      "mean     3.00 s",
      "p50      3.00 s",
    ]);
  });

  test("tells a goal that is just missed from its limit", () => {
    const goal = { goal: "p99<10.1ms", below: 10_100, measured: 10_103 };
    const text = plain(resultOf([[1]], { goals: [{ ...goal, met: false }] }));
    expect(section(text, "Goals")).toEqual(["✗  p99<10.1ms  10.103 ms"]);
  });

  test("shows messages without an answer as the slowest", () => {
    const times = serviceTimes().map((second) =>
      second.map((us, index) => (index < 112 ? Infinity : us)),
    );
    const text = plain(resultOf(times));
    const latency = section(text, "Latency");
    expect(latency.at(-1)).toMatch(/^no answer +5\.6 % .*p99–p99\.99$/);
    const percentiles = section(text, "Percentiles");
    expect(percentiles).toContain("p99           –");
    expect(percentiles).toContain("max           –");
    expect(percentiles.join(" ")).toContain(
      "1,120 messages without an answer took longer than all others",
    );
  });

  test("marks seconds whose p99 is among them, however few are drawn", () => {
    const times = serviceTimes({ seconds: 200, messages: 100 });
    times[77] = times[77]!.map((us, index) => (index < 2 ? Infinity : us));
    const [rate, p99] = section(plain(resultOf(times)), "Over time");
    expect(rate).not.toContain("×");
    expect(p99).toMatch(
      /^p99 {3}[▁▂▃▄▅▆▇█]+×[▁▂▃▄▅▆▇█]+ {2}\d+ µs to \d+ µs, × no answer$/,
    );
    // One in a hundred is still below them.
    times[77] = times[77].map((us, index) => (index === 0 ? 100 : us));
    expect(plain(resultOf(times))).not.toContain("×");
  });

  test("marks no second of a merge for what only one machine can tell", () => {
    const [one, other] = [1, 2].map((seed) =>
      resultOf(serviceTimes({ seed, messages: 200 })),
    ) as [Result, Result];
    const parts = [one, other].map((result, index) => ({
      name: `${index}`,
      result,
    }));
    const merged = merge(parts);
    expect(merged.series[0]!.p99).toBeNull();
    expect(plain(merged)).not.toContain("×");
  });

  test("shows that nothing came back", () => {
    const text = plain(resultOf([[Infinity, Infinity]]));
    expect(section(text, "Percentiles")).toContain("p50           –");
  });

  test("tells when things went wrong, and how far a connection had come", () => {
    expect(section(plain(failing), "First errors").slice(0, 3)).toEqual([
      "connection                at   after  silence  code",
      "#7  warm-up, −250 ms     0 B     0 µs  ECONNRESET",
      "#3            4.20 s  123 kB   10.0 s  ETIMEDOUT",
    ]);
    const [first] = failing.failures!;
    const early = { ...failing, failures: [{ ...first!, at: -1.5 }] };
    expect(section(plain(early), "First errors")[1]).toStartWith(
      "#7  opening, −1.50 s ",
    );
    expect(plain(openLoop)).not.toContain("First errors");
  });

  test("tells whose errors they are, in a merge", () => {
    const parts = ["host-1.json", "host-2.json"].map((name) => ({
      name,
      result: failing,
    }));
    const merged = merge(parts.map(attributed));
    const rows = section(plain(merged), "First errors");
    expect(rows[0]).toStartWith("at ");
    expect(rows.slice(1, 5).map((row) => row.split("  ")[0])).toEqual([
      "host-1.json #7",
      "host-2.json #7",
      "host-1.json #3",
      "host-2.json #3",
    ]);
    expect(complaintsOf(merged)).toEqual([]);
    // Of a merge that is merged again, each tells the way to it.
    const { result } = attributed({ name: "all.json", result: merged });
    expect(result.failures![0]!.machine).toBe("all.json: host-1.json");
  });

  test("of a run of ten days has its highest and lowest seconds", () => {
    const run = resultOf(serviceTimes({ seconds: 2, messages: 100 }));
    const [second] = run.series;
    const series = Array.from({ length: 864_000 }, (_, index) => ({
      ...second!,
      second: index + 1,
      messages: index === 500_000 ? 7 : 1000,
    }));
    const rows = section(
      plain({ ...run, series, seconds: series.length }),
      "Over time",
    );
    expect(rows[0]).toMatch(/^rate {2}█+▁█+ {2}7\/s to 1,000\/s$/);
  });

  test("draws the distribution, to the longest bar", () => {
    const rows = section(plain(resultOf(serviceTimes())), "Latency");
    expect(rows[3]).toMatch(/^< 80 µs {2,}20\.\d % {2}█+$/);
    expect(rows[4]).toMatch(/^< 90 µs {2,}\d+\.\d % {2}█+\S? {2,}p50$/);
  });

  test("shows what happened from second to second", () => {
    const [rate, p99] = section(plain(openLoop), "Over time");
    expect(rate).toMatch(/^rate {2}█{40} {2}4,000\/s$/);
    expect(p99).toMatch(/^p99 {3}▁{8}██▁{30} {2}\d+ µs to 990 ms$/);
  });

  test("loses no stall where there are more seconds than room", () => {
    const series = Array.from({ length: 2000 }, (_, index) => ({
      second: index + 1,
      messages: index === 999 ? 0 : 100,
      bytes: 6400,
      p50: 80,
      p99: index === 499 ? 9000 : 90,
      errors: 0,
    }));
    const [rate, p99] = section(
      plain({ ...resultOf([[1, 2]]), series, seconds: 2000 }),
      "Over time",
    );
    expect(rate).toContain("▁");
    expect(p99!.match(/█/g)).toHaveLength(1);
  });

  test("reads – where too few samples are", () => {
    const text = plain(resultOf([[5, 6, 7]]));
    const rows = section(text, "Percentiles");
    expect(rows).toContain("p50        6 µs");
    expect(rows).toContain("p99           –");
    expect(rows.join(" ")).toEndWith("– too few samples.");
  });

  test("of nothing has no distribution, and says that nothing came back", () => {
    const text = plain(resultOf([[], []], { verdict: "fail" }));
    expect(text).not.toContain("Percentiles");
    expect(text).toEndWith("FAIL  nothing came back\n");
  });

  test("tells errors, faults, goals and warnings", () => {
    const text = plain(failing);
    expect(section(text, "Errors")).toEqual([
      "ETIMEDOUT   12  no answer in time",
      "ECONNRESET   3  the peer reset the connection",
    ]);
    expect(section(text, "Wrong answers")).toEqual([
      "connection       offset  kind     what",
      "#3  123,456,789  swapped  64 bytes of connection 9 came back on",
      "connection 3",
    ]);
    expect(section(text, "Goals")).toEqual([
      "✗  p99<2ms     780 ms",
      "✓  errors<1%  0.015 %",
    ]);
    expect(section(text, "Warnings")[0]).toStartWith("! the planned rate was");
    expect(text).toContain("\nFAIL  65 bytes came back wrong; 12 messages");
  });

  test("shows a search as a table with bars", () => {
    const rows = section(plain(searching), "Search for the highest rate");
    expect(rows[0]).toBe("rate/s  achieved    p50      p99      max");
    // A full bar is four times the slowest that met the goals.
    expect(rows[1]).toBe(
      "✓   1,000       999  60 µs   120 µs   900 µs  █████▉",
    );
    expect(rows[3]).toMatch(/^✗ {3}4,000 .* 80\.0 ms {2}90\.0 ms {2}█+›$/);
  });

  test("has a row for each machine of a merge", () => {
    const parts = [1, 2].map((seed) => ({
      name: `host-${seed}.json`,
      result: resultOf(serviceTimes({ seed, messages: 100 })),
    }));
    const merged = merge(parts.map(attributed));
    const text = page(merged, { width: 80, colour: false, parts });
    expect(section(text, "Machines").slice(1)).toEqual([
      expect.stringMatching(/^host-1\.json {2}100\/s .* pass$/),
      expect.stringMatching(/^host-2\.json {2}100\/s .* pass$/),
    ]);
  });

  test.each([60, 80, 300])("keeps to a width of %d, and to 100", (width) => {
    for (const result of [openLoop, failing, searching]) {
      for (const line of plain(result, width).split("\n")) {
        expect(Bun.stringWidth(line)).toBeLessThanOrEqual(Math.min(width, 100));
      }
    }
  });

  test("has colour only where it is asked for", () => {
    expect(plain(failing)).not.toContain("\u001b");
    const coloured = page(failing, { width: 80, colour: true });
    expect(coloured).toContain("\u001b[31mFAIL\u001b[39m");
    expect(Bun.stripANSI(coloured)).toBe(plain(failing));
  });

  test("lets no text of a result move the cursor", () => {
    const evil = "\u001b[2J\u0007";
    const text = plain(
      resultOf([[1, 2]], {
        target: `tcp://${evil}`,
        errors: { [evil]: 1 },
        warnings: [evil],
        faults: [{ connection: 1, offset: 1, kind: "lost", text: evil }],
        goals: [{ goal: evil, measured: 1, met: false }],
      }),
    );
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("\u0007");
  });
});
