import { describe, expect, test } from "bun:test";

import { isHeld } from "../../src/trial/held.ts";
import { noProc } from "../support/child.ts";
import { until } from "../support/until.ts";

/** A connection whose server never finishes. */
async function connection(hostname: string) {
  let finished = false;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    socket: { data() {}, end: () => void (finished = true) },
  });
  const client = await Bun.connect({
    hostname,
    port: listener.port,
    allowHalfOpen: true,
    socket: { data() {} },
  });
  const { localPort } = client;
  return {
    client,
    isHeld: () => isHeld(localPort, listener.port),
    finished: () => until(() => finished, "the client's FIN is there"),
    [Symbol.dispose]: () => listener.stop(true),
  };
}

describe.skipIf(noProc)("a client's socket", () => {
  // The other is how a socket for both families comes there.
  describe.each(["127.0.0.1", "::ffff:127.0.0.1"])("to %s", (hostname) => {
    test("is held while it is open, and while it is half-closed", async () => {
      using open = await connection(hostname);
      expect(open.isHeld()).toBe(true);
      open.client.shutdown();
      await open.finished();
      expect(open.isHeld()).toBe(true);
    });

    test("is not held any more once its program has closed it", async () => {
      using open = await connection(hostname);
      open.client.end();
      await open.finished();
      expect(open.isHeld()).toBe(false);
    });
  });

  test("that nobody knows here counts as held", () => {
    expect(isHeld(1, 2)).toBe(true);
  });
});
