import { expect, spyOn, test } from "bun:test";

import { aborted, catchSignals } from "../../../src/commands/shared/signals.ts";

/** What is heard of a signal; the process itself is not sent one. */
function hear(signal: "SIGINT" | "SIGTERM"): void {
  process.emit(signal, signal);
}

test("signals stop, then cut; those that come together are one", async () => {
  const before = process.listenerCount("SIGINT");
  let now = 1000;
  using _clock = spyOn(performance, "now").mockImplementation(() => now);
  const signals = catchSignals(["SIGINT", "SIGTERM"]);
  expect(signals.status).toBeUndefined();
  hear("SIGTERM");
  hear("SIGINT");
  await aborted(signals.stop);
  expect(signals.cut.aborted).toBe(false);
  now += 201;
  hear("SIGINT");
  await aborted(signals.cut);
  // The first has said how it ends.
  expect(signals.status).toBe(143);
  signals.release();
  expect(process.listenerCount("SIGINT")).toBe(before);
});
