/** What it costs to hold back what the kernel did not take. */
import { bench, group, run } from "mitata";

import { Outbox } from "../src/socket/outbox.ts";

const chunk = Buffer.alloc(64 * 1024);
const takes = (most: number) => ({
  write: (bytes: Uint8Array) => Math.min(bytes.length, most),
});

group("Outbox", () => {
  const eager = takes(Infinity);
  const full = takes(0);
  const outbox = new Outbox();

  bench("send(), all taken", () => outbox.send(eager, chunk));
  bench("send(), none taken, then flush()", () => {
    outbox.send(full, chunk);
    outbox.flush(eager);
  });
  bench(
    "send(), then flush() in $parts parts",
    function* (state: { get(name: string): number }) {
      const parts = state.get("parts");
      const slow = takes(chunk.length / parts);
      yield () => {
        outbox.send(slow, chunk);
        while (!outbox.flush(slow));
      };
    },
  ).args("parts", [2, 16, 128]);
  bench(
    "hold() $views views, then flush()",
    function* (state: { get(name: string): number }) {
      const views = state.get("views");
      yield () => {
        for (let count = 0; count < views; count += 1) outbox.hold(chunk);
        outbox.flush(eager);
      };
    },
  ).args("views", [2, 16, 128]);
});

await run();
