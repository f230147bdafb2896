import { describe, expect, test } from "bun:test";

import { faultyIdentity } from "../../src/faults/certificates.ts";
import { TimerQueue } from "../../src/faults/clock.ts";
import { faultPath } from "../support/fault-path.ts";
import type { FaultEvent } from "../../src/faults/link.ts";
import { parseFaults } from "../../src/protocol/faults/list.ts";
import type { AnyHandlers } from "../../src/socket/layer.ts";
import { bunHandlers, type WireHandlers } from "../../src/socket/wire.ts";
import { run } from "../support/cli.ts";
import { noPython, peer } from "../support/python.ts";

const { cert, key } = await faultyIdentity([]);

/** Answers with what it is sent, and finishes. */
const ANSWERS: WireHandlers<unknown> = {
  open() {},
  data(wire, chunk) {
    wire.write(chunk);
    wire.end();
  },
  writable() {},
  end() {},
  close() {},
  error: (wire) => wire.terminate(),
};

async function heard(
  handlers: AnyHandlers,
  tls: { cert: string; key: string },
): Promise<string> {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    data: undefined,
    tls,
    socket: bunHandlers(handlers),
  });
  try {
    const { stdout, stderr } = await run(
      peer("tls_ends", `${listener.port}`, "1"),
    );
    expect(stderr).toBe("");
    return stdout;
  } finally {
    listener.stop(true);
  }
}

describe.skipIf(noPython)("TLS", () => {
  test.each([
    [[], "hello\nclean\n"],
    [["tls-truncate"], "hello\ntruncated\n"],
    [["delay 50ms", "tls-truncate"], "hello\ntruncated\n"],
  ])("an answer with faults %j ends as %j", async (texts, expected) => {
    const events: FaultEvent[] = [];
    const layer = faultPath({
      faults: parseFaults(texts),
      seed: 1,
      clock: new TimerQueue(),
      onFault: (event) => events.push(event),
    });
    expect(await heard(layer.wrap(ANSWERS as AnyHandlers), { cert, key })).toBe(
      expected,
    );
    expect(events.length).toBe(texts.length);
    layer.stop();
  });
});
