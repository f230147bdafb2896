import { describe, expect, test } from "bun:test";

import type { Result } from "../../src/result/result.ts";
import { run, sounder } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { measure } from "../support/load.ts";
import { resetsAfter, finishesAfter } from "../villains/faulty.ts";

const SIZE = 64;

function unansweredIn({ series }: Result): number {
  return series.reduce((sum, { unanswered }) => sum + unanswered!, 0);
}

/** A percentile's key is null exactly where it lies among the unanswered. */
function expectHonest({ latency }: Result): void {
  const { count, unanswered } = latency;
  const all = count + unanswered!;
  for (const [key, share] of [
    ["p50", 0.5],
    ["p90", 0.9],
    ["p99", 0.99],
  ] as const) {
    const told = all * (1 - share) >= 1 && Math.ceil(all * share) <= count;
    expect([key, latency[key] !== null]).toEqual([key, told]);
  }
}

describe("messages without an answer are slower than all others,", () => {
  test("in the second in which their connection was lost", async () => {
    await using server = await resetsAfter(SIZE * 10);
    const result = await measure(server.address, {
      until: { duration: 2200 },
      rate: 400,
      pipeline: 4,
      size: SIZE,
      reply: "raw",
    });
    const { messages, latency, series } = result;
    expect(messages.unanswered).toBeGreaterThan(0);
    expect(latency.unanswered).toBeGreaterThanOrEqual(messages.unanswered);
    expect(result.service.unanswered).toBe(messages.unanswered);
    expect(unansweredIn(result)).toBe(latency.unanswered!);
    // Connections are lost in all seconds, not only the last.
    expect(series[0]!.unanswered).toBeGreaterThan(0);
    expectHonest(result);
    for (const { messages: answered, unanswered, p99 } of series) {
      if (unanswered! / (answered + unanswered!) > 0.011)
        expect(p99).toBeNull();
    }
  });

  test("and so are those that could not be sent", async () => {
    await using server = await finishesAfter(SIZE * 10);
    const result = await measure(server.address, {
      until: { duration: 1500 },
      rate: 200,
      size: SIZE,
      reply: "raw",
      reconnect: false,
    });
    const { messages, latency } = result;
    expect(latency.unanswered).toBeGreaterThan(messages.unanswered + 100);
    // What was never sent has no service.
    expect(result.service.unanswered).toBe(messages.unanswered);
    expect(unansweredIn(result)).toBe(latency.unanswered!);
    expect(latency.p50).toBeNull();
    expectHonest(result);
  });

  test("and what was never due counts, too", async () => {
    await using server = await finishesAfter(SIZE * 10);
    const { latency } = await measure(server.address, {
      until: { messages: 200 },
      warmup: 0,
      size: SIZE,
      reply: "raw",
      reconnect: false,
    });
    expect(latency.count + latency.unanswered!).toBe(200);
    expect(latency.p90).toBeNull();
  });

  test("on the page, in JSON, in HTML and in a log of histograms", async () => {
    await using server = await resetsAfter(SIZE * 10);
    await using folder = await temporaryFolder();
    const [json, html, hlog] = ["json", "html", "hlog"].map(folder.path) as [
      string,
      string,
      string,
    ];
    const { stdout, status } = await run(
      sounder(
        "load",
        server.address,
        "-c2",
        "-p4",
        "-r400",
        "-d1500ms",
        "--warmup=0s",
        "--reply=raw",
        `--json=${json}`,
        `--html=${html}`,
        `--hlog=${hlog}`,
      ),
    );
    expect(status).toBe(1);
    const { latency }: Result = await Bun.file(json).json();
    const { unanswered } = latency;
    expect(latency.p99).toBeNull();
    expect(stdout).toMatch(/\n {2,}no answer +[\d.]+ % .*p99/);
    expect(stdout).toMatch(/\n {2}p99 +– /);
    expect(stdout.replace(/\s+/g, " ")).toContain(
      `${unanswered} messages without an answer took longer than all others`,
    );
    expect(stdout).toMatch(
      /! p\d+ and above can't be told: \d+ of \d+ messages/,
    );
    const report = await Bun.file(html).text();
    expect(report).toContain("no answer</th>");
    expect(report).toContain("messages without an answer took longer");
    expect(await Bun.file(hlog).text()).toContain(
      `#[${unanswered} messages without an answer not in it: slower than all`,
    );
  });
});
