import { expect, test } from "bun:test";

import { summaryOf } from "../../../src/report/changes.ts";
import { comparisonPage } from "../../../src/report/text/comparison.ts";
import { compare, type Comparison } from "../../../src/result/compare.ts";
import { searching } from "../../support/results.ts";
import { resultOf, serviceTimes } from "../../support/result.ts";

const base = { name: "before.json", result: resultOf(serviceTimes()) };

function against(median: number, name = "after.json"): Comparison {
  const result = resultOf(serviceTimes({ seed: 2, median }));
  return compare(base, [{ name, result }]);
}

test("comparisonPage() sets figures and their intervals side by side", () => {
  const text = comparisonPage(against(88), { width: 80, colour: false });
  const lines = text.split("\n");
  const start = lines.indexOf("after.json against before.json");
  expect(lines.slice(start + 1, start + 6)).toEqual([
    "            before.json     after.json        change",
    "  rate          2,000/s        2,000/s           0 %",
    "          1,999–2,001/s  1,999–2,001/s  within noise",
    "  p50             80 µs          88 µs         +10 %",
    "               80–81 µs       87–89 µs         worse",
  ]);
  expect(text).toMatch(/\nafter\.json {2}worse: p50 \+10 %, p90 .*\n$/);
});

test("comparisonPage() has a line a figure where there is no room for columns", () => {
  const text = comparisonPage(against(88), { width: 36, colour: false });
  expect(text).toContain(
    "\n  p50\n    before.json  80 µs (80–81 µs)\n" +
      "    after.json  88 µs (87–89 µs)\n    change  +10 %, worse\n",
  );
});

test("comparisonPage() says what was not the same", () => {
  const { options } = base.result;
  const other = {
    name: "b.json",
    result: { ...base.result, options: { ...options, size: 1024 } },
  };
  const text = comparisonPage(compare(base, [other]), {
    width: 80,
    colour: false,
  });
  expect(text).toContain("\nNot the same\n  ! size: 64 → 1,024\n");
});

test("comparisonPage() keeps to 60 columns, whatever the names", () => {
  const text = comparisonPage(against(88, "a/long/path/to/some/host.json"), {
    width: 60,
    colour: false,
  });
  const [title, ...lines] = text
    .split("\n")
    .filter((line) => !line.startsWith("a/long/path"));
  expect(title).toBe("tcp://127.0.0.1:21567");
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
});

test("comparisonPage() has colour only where it is asked for", () => {
  const plain = comparisonPage(against(88), { width: 80, colour: false });
  const coloured = comparisonPage(against(88), { width: 80, colour: true });
  expect(plain).not.toContain("\u001b");
  expect(coloured).toContain("\u001b[31mworse\u001b[39m");
  expect(Bun.stripANSI(coloured)).toBe(plain);
});

test("summaryOf() has nothing to say of noise", () => {
  expect(summaryOf(against(80).others[0]!)).toBe("no change beyond noise");
});

test("summaryOf() does not call unchanged what nobody can tell", () => {
  const short = resultOf(serviceTimes({ seconds: 1 }));
  const [other] = compare(base, [{ name: "b", result: short }]).others;
  expect(summaryOf(other!)).toBe(
    "what changed can't be told: measure for longer",
  );
});

test("summaryOf() begins with what failed", () => {
  const result = resultOf(serviceTimes({ seed: 2 }), {
    errors: { ECONNRESET: 2 },
    verdict: "fail",
  });
  const [other] = compare(base, [{ name: "b", result }]).others;
  expect(summaryOf(other!)).toStartWith("it failed: 2 errors; ");
});

test("comparisonPage() says why a figure can't be told", () => {
  const lossy = resultOf(
    serviceTimes({ seed: 2 }).map(([, ...times]) => [Infinity, ...times]),
  );
  const text = comparisonPage(compare(base, [{ name: "b", result: lossy }]), {
    width: 80,
    colour: false,
  });
  expect(text).toMatch(/\n {2}max +\d+ µs +no answer +–\n +can't tell\n/);
  expect(text.replaceAll("\n", " ")).toContain(
    "Messages without an answer took longer than all others: a percentile " +
      "among them is above any time.",
  );
});

test("summaryOf() does not call it noise that answers are missing", () => {
  const lossy = (seconds: number[]) =>
    resultOf(
      serviceTimes({ seed: 2 }).map((times, second) =>
        times.map((us, at) =>
          seconds.includes(second) && at < 100 ? Infinity : us,
        ),
      ),
    );
  const told = (seconds: number[]) => {
    const after = { name: "after", result: lossy(seconds) };
    return summaryOf(compare(base, [after]).others[0]!);
  };
  const all = told([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(all).toContain("p99\u00a0no\u00a0answer");
  expect(all).toContain("worse: ");
  expect(told([4, 7])).toEndWith(
    "p99.9, p99.99 and max have no answer, which may be noise",
  );
});

test("comparisonPage() says where a searched rate lies", () => {
  const searches = [searching, searching].map((result, index) => ({
    name: `${index}.json`,
    result,
  }));
  const text = comparisonPage(compare(searches[0]!, searches.slice(1)), {
    width: 80,
    colour: false,
  });
  expect(text).toMatch(/rate +2,000\/s +2,000\/s +0 %\n +2,000–4,000\/s/);
  expect(text.replaceAll("\n", " ")).toContain("A rate that was searched lies");
});

test("comparisonPage() tells long names apart, and what runs are called", () => {
  const named = (name: string, label: string, seed: number) => ({
    name,
    result: { ...resultOf(serviceTimes({ seed })), label },
  });
  const text = comparisonPage(
    compare(named("before-the-change.json", "v1.2", 1), [
      named("after--the-change.json", "v1.3", 2),
    ]),
    { width: 80, colour: false },
  );
  expect(text).toContain(
    "\nafter--the-change.json (v1.3) against before-the-change.json (v1.2)\n",
  );
  expect(text).toMatch(/\n +before-the-ch… +after--the-ch… +change\n/);
});
