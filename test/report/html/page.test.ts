import { describe, expect, test } from "bun:test";

import { htmlComparison } from "../../../src/report/html/comparison.ts";
import { htmlReport } from "../../../src/report/html/page.ts";
import { compare } from "../../../src/result/compare.ts";
import { merge, attributed } from "../../../src/result/merge.ts";
import type { Result } from "../../../src/result/result.ts";
import { failing, openLoop, searching } from "../../support/results.ts";
import { resultOf, serviceTimes } from "../../support/result.ts";

/** The text of all elements that a selector finds. */
async function textsOf(html: string, selector: string): Promise<string[]> {
  const texts: string[] = [];
  await new HTMLRewriter()
    .on(selector, {
      element() {
        texts.push("");
      },
      text({ text }) {
        texts[texts.length - 1] += text;
      },
    })
    .transform(new Response(html))
    .text();
  return texts.map((text) => text.replaceAll(/\s+/g, " ").trim());
}

const captions = (html: string) => textsOf(html, "caption");
const titles = (html: string) => textsOf(html, "h2");

describe("htmlReport()", () => {
  test("of a run that failed shows all there is to see", async () => {
    const html = htmlReport(failing);
    expect(await textsOf(html, "h1")).toEqual(["tcp://192.0.2.17:21567"]);
    expect(await titles(html)).toEqual([
      "Warnings",
      "Throughput over time",
      "Latency over time",
      "Percentile spectrum",
      "Run it again",
    ]);
    expect(await captions(html)).toEqual([
      "Latency distribution",
      "Percentiles",
      "Summary",
      "Goals",
      "Connections",
      "Errors",
      "First errors",
      "Wrong answers",
      "Seconds",
    ]);
    expect(await textsOf(html, ".verdict li")).toEqual([
      "65 bytes came back wrong",
      "12 messages unanswered",
      "3 connections lost",
      "15 errors",
      "p99&lt;2ms missed",
    ]);
  });

  test("has the command to run it again, to the letter", async () => {
    const { command } = failing;
    const [, pre] = /<pre[^>]*>(.*?)<\/pre>/s.exec(htmlReport(failing))!;
    expect(pre!.replaceAll(/<\/?span>/g, "")).toBe(command);
  });

  test("of a search begins with its curve", async () => {
    const html = htmlReport(searching);
    expect((await titles(html))[0]).toBe("Latency by rate");
    expect(await captions(html)).toContain("Search for the highest rate");
  });

  test("of a merge shows each machine", async () => {
    const parts = [1, 2].map((seed) => ({
      name: `host-${seed}.json`,
      result: resultOf(serviceTimes({ seed, messages: 100 }), {
        command: `sounder load --seed ${seed}`,
      }),
    }));
    const html = htmlReport(merge(parts.map(attributed)), parts);
    expect(await captions(html)).toContain("Machines");
    expect(await textsOf(html, "pre")).toHaveLength(2);
    expect(html).toContain("host-2.json p99");
  });

  test("of nothing has no chart of latencies", async () => {
    const html = htmlReport(resultOf([[], []]));
    expect(await titles(html)).toEqual([
      "Throughput over time",
      "Run it again",
    ]);
  });

  test("has no address that a page would load", () => {
    const html = htmlReport(failing);
    const own = html.replaceAll(/<script[^>]*>.*?<\/script>/gs, "");
    const loads = /\b(?:src|href|action)\s*=\s*(?!["']?data:)|url\(|@import/i;
    expect(loads.exec(own)).toBeNull();
    expect(/https?:/.exec(own)).toBeNull();
  });
});

test("htmlComparison() has a table for each that is compared", async () => {
  const other = resultOf(serviceTimes({ median: 99 }));
  const html = htmlComparison(
    compare({ name: "a.json", result: openLoop }, [
      { name: "b.json", result: other },
      { name: "c.json", result: openLoop },
    ]),
  );
  expect(await textsOf(html, "h1")).toEqual(["b.json, c.json against a.json"]);
  expect(await captions(html)).toEqual([
    "b.json against a.json",
    "c.json against a.json",
    "Runs",
  ]);
  expect(await titles(html)).toContain("Not the same in a.json and b.json");
});

describe("no text of a result becomes markup", () => {
  const EVIL = `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'`;

  function poisoned(): Result {
    return {
      ...failing,
      target: EVIL,
      command: EVIL,
      errors: { [EVIL]: 1 },
      faults: [{ connection: 1, offset: 2, kind: "lost", text: EVIL }],
      warnings: [EVIL],
      goals: [{ goal: EVIL, measured: 1, met: false }],
    };
  }

  test.each([
    ["htmlReport()", () => htmlReport(poisoned())],
    [
      "htmlReport() of a merge",
      () =>
        htmlReport(poisoned(), [
          { name: EVIL, result: poisoned() },
          { name: `${EVIL}2`, result: poisoned() },
        ]),
    ],
    [
      "htmlComparison()",
      () =>
        htmlComparison(
          compare({ name: EVIL, result: poisoned() }, [
            { name: `${EVIL}2`, result: { ...poisoned(), target: "x" } },
          ]),
        ),
    ],
  ])("of %s", async (_, make) => {
    const html = make();
    expect(html).not.toContain("<img");
    expect(html).not.toContain("<script>alert");
    // The data, uPlot, and the script that draws.
    expect(await textsOf(html, "script")).toHaveLength(3);
  });
});
