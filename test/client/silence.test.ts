import {
  afterEach,
  beforeEach,
  expect,
  type Mock,
  spyOn,
  test,
} from "bun:test";

import type { Connection } from "../../src/client/connection.ts";
import { SilenceWatch } from "../../src/client/silence.ts";

const TIMEOUT = 1000;

let now: number;
let look: () => void;
/** What is to be done once all that has arrived has been read. */
let judge: () => void;
const nothing = () => {};
let spies: Mock<never>[];

beforeEach(() => {
  now = 5000;
  const clock = spyOn(performance, "now").mockImplementation(() => now);
  const timer = spyOn(globalThis, "setInterval");
  timer.mockImplementation(((callback: () => void) => {
    look = callback;
  }) as never);
  const later = spyOn(globalThis, "setTimeout");
  later.mockImplementation(((callback: () => void) => {
    judge = callback;
  }) as never);
  spies = [clock, timer, later] as never;
});

afterEach(() => {
  for (const spy of spies) spy.mockRestore();
});

/** A watch over a connection whose answers the test gives. */
function watched() {
  let answer!: (chunk: Buffer | undefined) => void;
  const connection = {
    target: "peer:1",
    bytesSent: 0,
    bytesReceived: 0,
    read: () => new Promise<Buffer | undefined>((give) => (answer = give)),
  };
  const watch = new SilenceWatch(connection as unknown as Connection, TIMEOUT);
  return {
    watch,
    send(bytes: number) {
      watch.sending();
      connection.bytesSent += bytes;
    },
    answer(bytes: number) {
      connection.bytesReceived += bytes;
      answer(Buffer.alloc(bytes));
    },
  };
}

function failsAfter(watch: SilenceWatch, ms: number): boolean {
  now += ms;
  judge = nothing;
  look();
  judge();
  return Bun.peek.status(watch.failed) === "rejected";
}

test("nothing is due before something was sent", () => {
  const { watch } = watched();
  void watch.read();
  expect(failsAfter(watch, 10 * TIMEOUT)).toBe(false);
});

test("an answer is due from the moment of the first write", async () => {
  const { watch, send } = watched();
  void watch.read();
  now += 10 * TIMEOUT;
  send(5);
  expect(failsAfter(watch, TIMEOUT - 1)).toBe(false);
  send(5);
  expect(failsAfter(watch, 1)).toBe(true);
  await expect(watch.failed).rejects.toMatchObject({
    code: "ETIMEDOUT",
    message:
      "nothing came back from peer:1 for 1.00 s, after 0 of 10 bytes (ETIMEDOUT)",
  });
});

test("each chunk starts the wait anew, while bytes are missing", async () => {
  const { watch, send, answer } = watched();
  send(5);
  const reading = watch.read();
  now += TIMEOUT - 1;
  answer(4);
  await reading;
  void watch.read();
  expect(failsAfter(watch, TIMEOUT - 1)).toBe(false);
  expect(failsAfter(watch, 1)).toBe(true);
});

test("nothing is due once all is back, until the next write", async () => {
  const { watch, send, answer } = watched();
  send(5);
  const reading = watch.read();
  answer(5);
  await reading;
  void watch.read();
  expect(failsAfter(watch, 10 * TIMEOUT)).toBe(false);
  send(1);
  expect(failsAfter(watch, TIMEOUT)).toBe(true);
});

test("the server's end is due after our own", async () => {
  const { watch } = watched();
  void watch.read();
  watch.finishing();
  expect(failsAfter(watch, TIMEOUT)).toBe(true);
});

test("silence does not count while a chunk is worked on", async () => {
  const { watch, send, answer } = watched();
  send(5);
  const reading = watch.read();
  answer(4);
  await reading;
  expect(failsAfter(watch, 10 * TIMEOUT)).toBe(false);
  void watch.read();
  expect(failsAfter(watch, TIMEOUT - 1)).toBe(false);
  expect(failsAfter(watch, 1)).toBe(true);
});

test("an answer that came while the process stood still is read before it is judged", async () => {
  const { watch, send, answer } = watched();
  send(5);
  const reading = watch.read();
  now += 10 * TIMEOUT;
  judge = nothing;
  look();
  expect(judge).not.toBe(nothing);
  answer(5);
  await reading;
  judge();
  expect(Bun.peek.status(watch.failed)).toBe("pending");
});
