import { describe, expect, test } from "bun:test";

import type { Endpoint } from "../../src/address/endpoint.ts";
import { Caller } from "../support/caller.ts";
import { ChildServer, noProc } from "../support/child.ts";

const MiB = 2 ** 20;
const STREAM = 100 * MiB;

/** Bytes that repeat so late, and so oddly, that a lost one is noticed. */
const block = new Uint8Array(MiB + 7);
let state = 1;
for (let at = 0; at < block.length; at += 1) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  block[at] = state >>> 24;
}

/** The stream as views of the block. */
function* stream(): Generator<Uint8Array> {
  for (let left = STREAM; left > 0; left -= block.length) {
    yield block.subarray(0, left);
  }
}

function hashOf(chunks: Iterable<Uint8Array>): string {
  const hash = new Bun.CryptoHasher("sha1");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

/** How a reader reads; it is told of each chunk. */
type Manner = (caller: Caller, server: ChildServer) => () => void;

const eager: Manner = () => () => {};

/** Begins to read once the server can send no more. */
const late: Manner = (caller, server) => {
  caller.pause();
  const wait = async () => {
    let { bytes } = await server.tally();
    while (bytes.in === bytes.out) ({ bytes } = await server.tally());
    caller.resume();
  };
  void wait();
  return () => {};
};

/** Stops after each chunk, for a moment. */
const dripping: Manner = (caller) => () => {
  caller.pause();
  setTimeout(() => caller.resume(), 1);
};

/** Sends the stream, and hashes what comes back. */
async function reflect(
  endpoint: Endpoint,
  server: ChildServer,
  manner: Manner,
): Promise<string> {
  const hash = new Bun.CryptoHasher("sha1");
  let onChunk = () => {};
  await using caller = await Caller.dial(endpoint, {
    sink(chunk) {
      hash.update(chunk);
      onChunk();
    },
  });
  onChunk = manner(caller, server);
  for (const chunk of stream()) caller.send(chunk);
  caller.finish();
  await caller.rest();
  expect(caller.received).toBe(STREAM);
  expect(await caller.closed()).toBe("FIN");
  return hash.digest("hex");
}

describe("a stream", () => {
  const sent = hashOf(stream());

  test.each([
    ["eager", eager],
    ["late", late],
    ["dripping", dripping],
  ])(
    "a stream of 100 MiB comes back whole to a reader that is %s",
    async (_, manner) => {
      await using server = await ChildServer.start({ reply: "raw" });
      const { endpoint } = server;
      expect(await reflect(endpoint, server, manner)).toBe(sent);
      if (!noProc) expect(server.peakMemory).toBeLessThan(100 * MiB);
      expect((await server.tally()).bytes).toEqual({
        in: STREAM,
        out: STREAM,
        dropped: 0,
      });
    },
    30_000,
  );
});
