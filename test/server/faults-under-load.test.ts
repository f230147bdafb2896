import { expect, test } from "bun:test";

import { load } from "../../src/load/load.ts";
import { serving } from "../support/serving.ts";
import { until } from "../support/until.ts";

/** None of them costs a byte. */
const HARMLESS = [
  [],
  ["slice 100 0ms"],
  ["delay 2ms+-1ms"],
  ["join 4KiB 3ms"],
  ["freeze 5ms every 20ms"],
  ["late-finish 5ms", "slice 7 0ms toward server"],
  ["rate 5MB"],
];

test.each(["127.0.0.1:0", "tls://127.0.0.1:0"])(
  "faults put on and taken off at any moment cost no byte, on %s",
  async (address) => {
    await using server = await serving({ addresses: [address] });
    let changes = 0;
    const timer = setInterval(() => {
      server.faults = HARMLESS[changes++ % HARMLESS.length]!;
      for (const connection of server.connections.slice(0, 3)) {
        connection.faults = ["delay 1ms"];
      }
    }, 11);
    const { verdict, messages, faults } = await load(server.addresses[0], {
      messages: 50_000,
      connections: 32,
      pipeline: 8,
      size: 1000,
      warmup: 0,
      reply: "raw",
      ...(address.startsWith("tls") && { tls: { insecure: true } }),
    }).finally(() => clearInterval(timer));
    expect(changes).toBeGreaterThan(HARMLESS.length);
    expect({ verdict, faults }).toEqual({ verdict: "pass", faults: [] });
    expect(messages).toMatchObject({ received: 50_000, unanswered: 0 });
    await until(() => server.connections.length === 0, "all have left");
  },
);
