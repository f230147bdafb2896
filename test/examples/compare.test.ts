import { expect, test } from "bun:test";

import { firstMissing, masked } from "./compare.ts";
import { examplesIn } from "./page.ts";

test("what differs from run to run is left out of the comparison", () => {
  const one = "23:55:01 #1 127.0.0.1:44398 closed after 8.15 ms: 5 B in";
  const other = "09:00:00 #1 127.0.0.1:50001 closed after 1.2 s: 5 B in";
  expect(masked(one, false)).toBe(masked(other, false));
  expect(masked("5 B in", false)).not.toBe(masked("6 B in", false));
  expect(masked("p99 16.1 ms █▏", true)).toBe(masked("p99   3 µs █", true));
  expect(masked("lost 3", true)).toBe(masked("lost 4", true));
  expect(masked("lost 3", true)).not.toBe(masked("found 3", true));
});

test("each line that is shown must be printed, in its order", () => {
  expect(firstMissing(["a", "b"], ["a", "b"], false)).toBeUndefined();
  expect(firstMissing(["a", "c"], ["a", "b", "c"], false)).toBe("c");
  expect(firstMissing(["a", "…", "c"], ["a", "b", "c"], false)).toBeUndefined();
  expect(firstMissing(["a"], ["a", "b"], false)).toBe("nothing behind: b");
  expect(firstMissing(["a", "…"], ["a", "b"], false)).toBeUndefined();
  expect(firstMissing(["b", "a"], ["a", "b"], true)).toBe("a");
  expect(firstMissing(["b"], ["a", "b", "c"], true)).toBeUndefined();
});

test("directions stand in a comment before their block", () => {
  const page = [
    "<!-- example",
    "given: sounder server 8007",
    "-->",
    "",
    "```console",
    "$ echo hello     # reset after 3",
    "hello",
    "$ echo two",
    "```",
    "",
    "```console",
    "$ echo three",
    "```",
    "",
  ].join("\n");
  const [first, second] = examplesIn(page);
  expect(first!.directions.given).toEqual(["sounder server 8007"]);
  expect(first!.line).toBe(5);
  expect(first!.commands).toEqual([
    { text: "echo hello", remark: "reset after 3", shown: ["hello"] },
    { text: "echo two", remark: undefined, shown: [] },
  ]);
  expect(second!.directions.given).toEqual([]);
  expect(() => examplesIn(page.replace("given", "gavin"))).toThrow("gavin");
});
