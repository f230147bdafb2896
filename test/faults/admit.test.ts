import { expect, test } from "bun:test";

import { admit } from "../../src/faults/admit.ts";
import { parseFaults } from "../../src/protocol/faults/list.ts";

function admitted(texts: readonly string[], id: number, open = 0) {
  return admit(parseFaults(texts), { id, seed: 1, open });
}

test("a connection has the faults that are on it, by their place in the list", () => {
  const texts = ["delay 1ms on every 2nd", "corrupt", "drop 1 on first 1"];
  const places = (id: number) =>
    admitted(texts, id).chosen.map(({ index }) => index);
  expect([places(1), places(2), places(3)]).toEqual([[1, 2], [0, 1], [1]]);
});

test("it is refused by refuse, and by a limit that is reached", () => {
  expect(admitted(["refuse on first 1"], 1).refusedBy?.action).toBe("refuse");
  expect(admitted(["refuse on first 1"], 2).refusedBy).toBeUndefined();
  expect(admitted(["limit 3"], 9, 2).refusedBy).toBeUndefined();
  expect(admitted(["limit 3"], 9, 3).refusedBy?.action).toBe("limit");
});

test("what TLS does wrong is told apart", () => {
  const texts = ["tls-expired", "tls-wrong-host on every 2nd", "delay 1ms"];
  expect(admitted(texts, 1).certificate).toEqual(["tls-expired"]);
  expect(admitted(texts, 2).certificate).toEqual([
    "tls-expired",
    "tls-wrong-host",
  ]);
  expect(admitted(texts, 1).stalledBy).toBeUndefined();
  expect(admitted(["tls-stall"], 1).stalledBy?.action).toBe("tls-stall");
});
