import { expect, test } from "bun:test";

import { sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { Pty } from "../../support/pty.ts";
import { until } from "../../support/until.ts";

test("a search shows its goals, and what it has tried", async () => {
  await using server = await echo();
  await using pty = new Pty(
    sounder(
      "load",
      server.address,
      "-c2",
      "-d1s",
      "--warmup=0s",
      "--find-rate",
      "--goal=max<10s",
    ),
  );
  const seen = (pattern: RegExp, what: string) =>
    until(() => pty.screen.lines.some((line) => pattern.test(line)), what);
  await seen(/trying a closed loop {2}/, "what it begins with");
  await seen(/^goals +· max<10s {2}–$/, "the goal, before it can be told");
  await seen(/ {2}trying [\d,]+\/s {2}/, "the rate that it tries");
  await seen(/^tried +[✓✗] [\d,]+\/s {2}p99 /, "the first step");
  await seen(/^ {9}[✓✗] [\d,]+\/s {2}p99 /, "the second");
});

test("a run shows its goals as they stand, and what its bars are", async () => {
  await using server = await echo();
  await using pty = new Pty(
    sounder(
      "load",
      server.address,
      "-c2",
      "-r500",
      "-d1m",
      "--warmup=0s",
      "--goal=p50<10s",
      "--goal=p50<1us",
    ),
  );
  const lines = () => pty.screen.lines.join("\n");
  await until(() => /\n {9}✗ p50<1us {2}\d+/.test(lines()), "the goals");
  expect(lines()).toMatch(/\ngoals {4}✓ p50<10s {2}[\d.]+ [µm]s\n/);
  expect(lines()).toMatch(/\nrate {5}[\d,]+\/s {2}[\d.]+ kB\/s\n/);
  expect(lines()).toMatch(/\nseconds {2}[▁▂▃▄▅▆▇█]+ {2}up to [\d,]+\/s\n/);
});
