import { expect, test } from "bun:test";

import { sharedClock } from "../../src/workers/clock.ts";
import { noPython } from "../support/python.ts";

const CLOCK = `${import.meta.dir}/../../src/workers/clock.ts`;

/** What a program says, and the clock before and after. */
async function between(command: string[]): Promise<number[]> {
  const before = sharedClock();
  const said = Number(await Bun.$`${command}`.text());
  return [before, said, sharedClock()];
}

test("sharedClock() is one for all processes", async () => {
  const script = `console.log((await import("${CLOCK}")).sharedClock())`;
  const read = await between([process.execPath, "-e", script]);
  expect(read).toEqual(read.toSorted((a, b) => a - b));
});

test.skipIf(noPython || process.platform !== "linux")(
  "sharedClock() is CLOCK_MONOTONIC, which nobody sets",
  async () => {
    const script = "import time; print(time.monotonic() * 1000)";
    const read = await between(["python3", "-c", script]);
    expect(read).toEqual(read.toSorted((a, b) => a - b));
  },
);
