import { describe, expect, test } from "bun:test";

import {
  type Ended,
  HookCaller,
  type ServerHooks,
} from "../../src/server/hooks.ts";
import type { Peer } from "../../src/server/peer.ts";
import { Sessions } from "../../src/server/sessions.ts";
import { FakeWire } from "../support/fake-wire.ts";

/** Sessions with a few bytes of room, and what their owner is told. */
function sessionsOf(given: ServerHooks = {}) {
  const told: Ended[] = [];
  const hooks = new HookCaller({
    onDisconnect: (ended) => void told.push(ended),
    ...given,
  });
  const maxPending = 10;
  const sessions = new Sessions({ hooks, maxPending, trace: undefined });
  let released = 0;

  /** Its socket closes as soon as it is told to. */
  function open() {
    const wire = new FakeWire<Peer>();
    const terminate = wire.terminate.bind(wire);
    wire.terminate = () => {
      terminate();
      wire.data.closed(undefined);
      sessions.closed(wire.data);
    };
    sessions.opened(wire, { release: () => void (released += 1) });
    return wire;
  }
  return { sessions, told, open, released: () => released };
}

describe("Sessions", () => {
  test("Sessions counts who is open, who was, and who was not let in", () => {
    const { sessions, told, open, released } = sessionsOf();
    const [one] = [open(), open()];
    one.data.bytesIn = 7;
    sessions.closed(one.data);
    sessions.reject("deny", "192.0.2.1:5");
    expect(sessions.open.size).toBe(1);
    expect(sessions.tally).toMatchObject({
      connections: { open: 1, total: 2 },
      bytes: { in: 7, out: 7, dropped: 0 },
      closed: { FIN: 1 },
      rejected: { deny: 1 },
    });
    expect(told).toMatchObject([{ id: 1, bytesIn: 7, cause: "FIN" }]);
    expect(released()).toBe(1);
  });

  test("Sessions resets who stalled first where too much is held", () => {
    const { sessions, told, open } = sessionsOf();
    const [one, two] = [open(), open()];
    for (const { data: peer } of [one, two]) {
      peer.outbox.hold(Buffer.from(new Uint8Array(5)));
      sessions.owed(peer);
    }
    expect(told).toMatchObject([{ id: 1, cause: "pending", dropped: 5 }]);
    expect(sessions.stalls).toMatchObject({ now: 1, ever: 2, pending: 5 });
    expect([...sessions.open]).toEqual([two.data]);
  });

  test("Sessions resets one whose hook throws, and tells of it", () => {
    const errors: unknown[] = [];
    const error = new Error("the hook's");
    const { told, open } = sessionsOf({
      onConnect() {
        throw error;
      },
      onError: (thrown) => void errors.push(thrown),
    });
    open();
    expect(errors).toEqual([error]);
    expect(told).toMatchObject([{ cause: "error" }]);
  });

  test("reset() ends all at once, and counts them", () => {
    const { sessions, told, open, released } = sessionsOf();
    for (const wire of [open(), open(), open()]) wire.data.outbox.pending = 1;
    expect(sessions.reset()).toBe(3);
    expect(sessions.open.size).toBe(0);
    expect(told.map(({ cause }) => cause)).toEqual(["stop", "stop", "stop"]);
    expect(released()).toBe(3);
    expect(sessions.reset()).toBe(0);
  });
});
