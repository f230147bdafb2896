import { expect, test } from "bun:test";

import { endedThere, howOf } from "../../src/check/ending.ts";
import type { Path } from "../../src/check/path.ts";
import { Reason, SounderError } from "../../src/errors/errors.ts";
import type { Ended } from "../../src/protocol/cooperation/answer.ts";

/** A server that sees a connection end so, each time it is asked. */
function pathSeeing(hows: Ended["how"][]) {
  let asked = 0;
  const path = {
    ask: async () => ({
      answer: { ended: { how: hows[Math.min(asked++, hows.length - 1)] } },
      [Symbol.asyncDispose]: async () => {},
    }),
    wait: async () => {},
  };
  return { path: path as unknown as Path, count: () => asked };
}

const ANSWER = { instance: "a", connection: "1" };

test("a server is asked until it has seen the end", async () => {
  const { path, count } = pathSeeing(["open", "open", "RST"]);
  expect(await endedThere(path, ANSWER, 60_000)).toMatchObject({ how: "RST" });
  expect(count()).toBe(3);
});

test("one that never sees it says that it is open", async () => {
  const { path } = pathSeeing(["open"]);
  expect(await endedThere(path, ANSWER, 20)).toMatchObject({ how: "open" });
});

test("how a connection ended is told by what a wait for bytes throws", () => {
  expect(howOf(new Reason("ETIMEDOUT"))).toBe("open");
  // The kernel gave it up.
  expect(howOf(new SounderError("gone", "ETIMEDOUT"))).toBe("RST");
  expect(howOf(new SounderError("gone", "ECONNRESET"))).toBe("RST");
  expect(howOf(new SounderError("gone", "ETRUNCATED"))).toBe("truncated");
  expect(howOf(new Reason("EEARLY"))).toBe("FIN");
});
