import { afterEach, expect, setSystemTime, test } from "bun:test";

import { steadyTime } from "../../src/status/process.ts";
import { echo } from "../support/echo.ts";

const HOUR = 3_600_000;

afterEach(() => void setSystemTime());

test("steadyTime() is the time of day, and a step of that leaves it alone", () => {
  expect(Math.abs(steadyTime() - Date.now())).toBeLessThan(HOUR);
  const before = steadyTime();
  setSystemTime(Date.now() + 10 * HOUR);
  expect(steadyTime() - before).toBeWithin(0, HOUR);
});

test("a snapshot tells for how long a server has run, whatever the clock says", async () => {
  await using server = await echo();
  setSystemTime(Date.now() + 10 * HOUR);
  const { at, startedAt } = await server.snapshot({ search: "", limit: 0 });
  expect(at - startedAt).toBeWithin(0, HOUR);
});
