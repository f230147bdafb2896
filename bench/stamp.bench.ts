/**
 * What a stamp costs, and up to which size one write of a copy is cheaper than
 * two writes: COPY_MAX in src/server/echo/reply.ts.
 */
import { bench, do_not_optimize, group, run, summary } from "mitata";

import { Peer } from "../src/server/peer.ts";
import { COPY_MAX, replyOf } from "../src/server/echo/reply.ts";
import { STAMP_LENGTH } from "../src/protocol/stamp/form.ts";
import { ctime, Stamper } from "../src/protocol/stamp/stamper.ts";
import { Outbox } from "../src/socket/outbox.ts";
import type { Wire } from "../src/socket/wire.ts";
import { sink } from "./support/sink.ts";

group("the stamp", () => {
  const date = new Date();
  const target = Buffer.alloc(STAMP_LENGTH);
  const sameSecond = new Stamper(target);
  let time = 0;
  const newSecond = new Stamper(target, () => (time += 1000));

  bench("ctime", () => do_not_optimize(ctime(date)));
  bench("refresh() in the same second", () => sameSecond.refresh());
  bench("refresh() in a new second", () => newSecond.refresh());
});

/** A socket whose kernel takes everything at once, for nothing. */
const eager = {
  write: (bytes, _offset, length = bytes.length) => length,
} as Wire<Peer>;
eager.data = new Peer(1, eager);

summary(() => {
  const chunk = Buffer.alloc(64);
  const raw = replyOf("raw");
  const stamp = replyOf("stamp");
  bench("answer to 64 bytes, raw", () => raw(eager, chunk)).baseline();
  bench("answer to 64 bytes, stamp", () => stamp(eager, chunk));
});

using reader = await sink();
const outbox = new Outbox();
let sent = () => {};
const socket = await Bun.connect({
  hostname: "127.0.0.1",
  port: reader.port,
  socket: {
    data() {},
    drain() {
      if (outbox.flush(socket)) sent();
    },
  },
});

const SIZES = [1024, 16_384, 32_768, COPY_MAX, COPY_MAX + 1, 131_072, 524_288];
const scratch = Buffer.alloc(STAMP_LENGTH + Math.max(...SIZES));
const prefix = Buffer.alloc(STAMP_LENGTH);

function copied(chunk: Buffer): boolean {
  scratch.set(chunk, STAMP_LENGTH);
  const whole = scratch.subarray(0, STAMP_LENGTH + chunk.length);
  return outbox.send(socket, whole);
}

function twice(chunk: Buffer): boolean {
  const first = outbox.send(socket, prefix);
  return outbox.send(socket, chunk) && first;
}

/** As many messages as make a megabyte, so that each run fills the socket. */
async function megabyte(
  chunk: Buffer,
  send: (chunk: Buffer) => boolean,
): Promise<void> {
  for (let bytes = 0; bytes < 1024 * 1024; bytes += chunk.length) {
    if (send(chunk)) continue;
    await new Promise<void>((resolve) => {
      sent = resolve;
    });
  }
}

for (const size of SIZES) {
  const chunk = Buffer.alloc(size);
  const name = `1 MiB in chunks of ${size},`;
  summary(() => {
    bench(`${name} one write`, () => megabyte(chunk, copied)).baseline();
    bench(`${name} two writes`, () => megabyte(chunk, twice));
  });
}

await run();
socket.terminate();
