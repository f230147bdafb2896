import { describe, expect, test } from "bun:test";
import { crc32 } from "node:zlib";

import { connect } from "../../../src/client/connect.ts";
import type { Connection } from "../../../src/client/connection.ts";
import {
  type Ask,
  readAnswer,
  readLater,
  STORY_STEPS,
} from "../../../src/protocol/cooperation/answer.ts";
import { patternAt } from "../../../src/protocol/cooperation/pattern.ts";
import {
  OPENING,
  type Question,
  questionLine,
} from "../../../src/protocol/cooperation/question.ts";
import type { ServerOptions } from "../../../src/server/options.ts";
import { startServer } from "../../../src/server/server.ts";
import { until } from "../../support/until.ts";

const serve = (options: ServerOptions = {}) =>
  startServer({
    addresses: ["127.0.0.1:0"],
    reply: "raw",
    cooperate: true,
    ...options,
  });

/** Reads a line, byte for byte as it came. */
async function lineOf(connection: Connection): Promise<string> {
  let line = "";
  while (!line.endsWith("\n")) {
    line += (await connection.readExactly(1)).toString("latin1");
  }
  return line.slice(0, -1);
}

async function ask<Which extends Ask>(
  connection: Connection,
  question: Extract<Question, { ask: Which }>,
) {
  await connection.write(questionLine(question));
  const line = await lineOf(connection);
  const answer = readAnswer(line, question.ask as Which);
  if (answer === undefined) throw new Error(`no answer: ${line}`);
  return answer;
}

describe("a server that cooperates", () => {
  test("says who it is, and echoes what follows", async () => {
    await using server = await serve();
    await using connection = await connect(server.addresses[0]!);
    const { info, instance } = await ask(connection, { ask: "who" });
    expect(info).toMatchObject({
      instance,
      peer: `127.0.0.1:${connection.localPort}`,
      local: `127.0.0.1:${server.port}`,
      proxied: null,
      tls: null,
    });
    await connection.write(Buffer.from("hello"));
    expect(String(await connection.readExactly(5))).toBe("hello");
    expect(server.tally.bytes.in).toBe(1029);
  });

  test("stamps what follows, where it stamps", async () => {
    await using server = await serve({ reply: "stamp" });
    await using connection = await connect(server.addresses[0]!);
    await ask(connection, { ask: "who" });
    await connection.write(Buffer.from("hello"));
    const answer = String(await connection.readExactly(32));
    expect(answer).toMatch(/^\[.{24}\] hello$/);
  });

  test("finishes first, and counts what comes after", async () => {
    await using server = await serve();
    await using connection = await connect(server.addresses[0]!);
    const { connection: id } = await ask(connection, {
      ask: "finish",
      after: 0,
    });
    expect(await connection.read()).toBeUndefined();
    await connection.write(Buffer.from("still here"));
    connection.finish();
    await connection.closed;
    await until(() => server.connections.length === 0, "it is closed");
    await using other = await connect(server.addresses[0]!);
    const { ended } = await ask(other, { ask: "ended", connection: id });
    expect(ended).toMatchObject({
      how: "FIN",
      received: 1034,
      receivedAfterFinish: 10,
    });
    expect(ended!.finishedAfter).toBeGreaterThan(0);
  });

  test("resets, behind its answer", async () => {
    await using server = await serve();
    await using connection = await connect(server.addresses[0]!);
    const { connection: id } = await ask(connection, {
      ask: "reset",
      after: 1,
    });
    await expect(connection.read()).rejects.toMatchObject({
      code: "ECONNRESET",
    });
    await until(() => server.connections.length === 0, "it is closed");
    await using other = await connect(server.addresses[0]!);
    const { ended } = await ask(other, { ask: "ended", connection: id });
    expect(ended!.how).toBe("server");
    expect(server.tally.closed.asked).toBe(1);
  });

  test("tells a reset of ours from an end", async () => {
    await using server = await serve();
    const ids: string[] = [];
    for (const end of ["reset", "finish"] as const) {
      const connection = await connect(server.addresses[0]!);
      const { connection: id } = await ask(connection, { ask: "quiet" });
      ids.push(id);
      connection[end]();
      if (end === "finish") await connection.readAll();
      await connection.closed;
    }
    await until(() => server.connections.length === 0, "they are closed");
    await using other = await connect(server.addresses[0]!);
    await ask(other, { ask: "who" });
    for (const [index, how] of (["RST", "FIN"] as const).entries()) {
      await using asking = await connect(server.addresses[0]!);
      const id = ids[index]!;
      const { ended } = await ask(asking, { ask: "ended", connection: id });
      expect(ended!.how).toBe(how);
    }
    await using asking = await connect(server.addresses[0]!);
    const { ended } = await ask(asking, { ask: "ended", connection: "99999" });
    expect(ended).toBeNull();
  });

  test("answers a while after our FIN, with what it counted", async () => {
    await using server = await serve();
    await using connection = await connect(server.addresses[0]!);
    await ask(connection, { ask: "late", after: 100 });
    const bytes = Buffer.from("what is counted");
    await connection.write(bytes);
    const began = performance.now();
    connection.finish();
    const later = readLater(String(await connection.readAll()).trim(), "late");
    expect(performance.now() - began).toBeGreaterThan(95);
    expect(later).toMatchObject({
      received: bytes.length,
      crc32: crc32(bytes),
    });
  });

  test("is quiet, says after how long it ends who is, and speaks if asked", async () => {
    await using server = await serve({ idleTimeout: 60_000 });
    await using connection = await connect(server.addresses[0]!);
    const answer = await ask(connection, { ask: "quiet", speak: 50 });
    expect(answer).toMatchObject({ idleTimeout: 60, maxLifetime: null });
    const line = await lineOf(connection);
    expect(readLater(line, "quiet")).toMatchObject({ spoken: true });
    await connection.write(Buffer.from("echo"));
    expect(String(await connection.readExactly(4))).toBe("echo");
  });

  test.each([1, 70_000, 5_000_000])(
    "sends %i bytes once it was sent as many, however slowly they are read",
    async (bytes) => {
      await using server = await serve();
      await using connection = await connect(server.addresses[0]!);
      await ask(connection, { ask: "send", bytes });
      const nothing = new AbortController();
      const early = connection.readExactly(1, { signal: nothing.signal });
      await Bun.sleep(20);
      nothing.abort();
      await expect(early).rejects.toThrow();
      expect(connection.bytesReceived).toBeLessThan(1024);
      await connection.write(Buffer.alloc(bytes));
      let seen = 0;
      while (seen < bytes) {
        const most = Math.min(bytes - seen, 60_000);
        const piece = await connection.readExactly(most);
        expect(piece.equals(patternAt(seen, most).subarray(0, most))).toBe(
          true,
        );
        seen += most;
      }
      connection.finish();
      expect((await connection.readAll()).length).toBe(0);
    },
  );

  test("sends at once where it may transfer", async () => {
    await using server = await serve({ cooperate: "transfer" });
    await using connection = await connect(server.addresses[0]!);
    await ask(connection, { ask: "send", bytes: 3_000_000 });
    await connection.readExactly(3_000_000);
  });

  test("tells when each piece came", async () => {
    await using server = await serve();
    await using connection = await connect(server.addresses[0]!);
    await ask(connection, { ask: "arrivals" });
    // An entry of the answer takes more bytes than one byte has.
    for (const size of [100, 200, 300]) {
      await connection.write(Buffer.alloc(size));
      await Bun.sleep(20);
    }
    connection.finish();
    const told = readLater(String(await connection.readAll()), "arrivals")!;
    expect(told.arrivals.map(([, bytes]) => bytes)).toEqual([100, 200, 300]);
    expect(told.arrivals[0]![0]).toBe(0);
    expect(told.arrivals[2]![0]).toBeGreaterThan(30_000);
    expect(told.leftOut).toBe(0);
  });

  test("tells it without our FIN, once so many bytes are there", async () => {
    await using server = await serve();
    await using connection = await connect(server.addresses[0]!);
    await ask(connection, { ask: "arrivals", bytes: 300 });
    await connection.write(Buffer.alloc(200));
    await Bun.sleep(20);
    await connection.write(Buffer.alloc(100));
    const told = readLater(await lineOf(connection), "arrivals")!;
    expect(told.arrivals.map(([, bytes]) => bytes)).toEqual([200, 100]);
    await connection.write(Buffer.alloc(100));
    connection.finish();
    expect((await connection.readAll()).length).toBe(0);
  });

  test("tells the story of a connection to who has its address alone", async () => {
    await using server = await serve();
    const first = await connect(server.addresses[0]!);
    const peer = `127.0.0.1:${first.localPort}`;
    await first.write(Buffer.from("hello"));
    await first.readExactly(5);
    first.finish();
    await first.closed;
    await until(() => server.connections.length === 0, "it is closed");
    await using asking = await connect(server.addresses[0]!);
    const { story } = await ask(asking, { ask: "story", peer });
    expect(story!.peer).toBe(peer);
    const steps = story!.steps.map(([, step, bytes]) => [
      STORY_STEPS[step]!,
      bytes,
    ]);
    expect(steps).toEqual([
      ["accept", 0],
      ["read", 5],
      ["write", 5],
      ["finished", 0],
      ["finish", 0],
      ["closed", 0],
    ]);
    await using other = await connect(server.addresses[0]!);
    const strange = { ask: "story", peer: "10.1.2.3:4" } as const;
    expect((await ask(other, strange)).story).toBeNull();
  });

  test("tells a long story by its beginning and end", async () => {
    await using server = await serve();
    await using talking = await connect(server.addresses[0]!);
    for (let count = 0; count < 100; count += 1) {
      await talking.write(Buffer.alloc(10));
      await talking.readExactly(10);
    }
    const peer = `127.0.0.1:${talking.localPort}`;
    await using asking = await connect(server.addresses[0]!);
    const { story } = await ask(asking, { ask: "story", peer });
    expect(story!.leftOut).toBeGreaterThan(100);
    expect(story!.steps.length).toBeLessThan(40);
  });

  test("tells its kernel's view, also of another connection", async () => {
    await using server = await serve();
    await using one = await connect(server.addresses[0]!);
    const { connection: id, kernel } = await ask(one, { ask: "kernel" });
    expect(kernel!.ends.peer).toBe(`127.0.0.1:${one.localPort}`);
    expect(kernel!.tls).toBeNull();
    await using other = await connect(server.addresses[0]!);
    const told = await ask(other, { ask: "kernel", connection: id });
    expect(told.kernel!.ends.peer).toBe(`127.0.0.1:${one.localPort}`);
    if (process.platform === "linux") {
      expect(told.kernel!.tcp!.state).toBe("ESTABLISHED");
      expect(told.kernel!.tcp!.bytesReceived).toBe(1024);
    }
    await using third = await connect(server.addresses[0]!);
    const none = await ask(third, { ask: "kernel", connection: "99999" });
    expect(none.kernel).toBeNull();
  });

  test("exports the same TLS key as its client", async () => {
    await using server = await serve({ addresses: ["tls://127.0.0.1:0"] });
    await using connection = await connect(server.addresses[0]!, {
      tls: { insecure: true },
    });
    const { kernel } = await ask(connection, { ask: "kernel" });
    const ours = connection.tls!.exportKey(32, "EXPORTER-Sounder");
    const hash = new Bun.CryptoHasher("sha256").update(ours).digest("hex");
    expect(kernel!.tls).toBe(hash);
  });
});

test("without --cooperate a question is sent back", async () => {
  await using server = await serve({ cooperate: false });
  await using connection = await connect(server.addresses[0]!);
  await connection.write(questionLine({ ask: "who" }));
  const line = await lineOf(connection);
  expect(line.trimEnd()).toBe(`${OPENING}{"ask":"who"}`);
});

test("a question that is shorter than its answer is sent back", async () => {
  await using server = await serve();
  await using connection = await connect(server.addresses[0]!);
  const line = `${OPENING}{"ask":"who"}\n`;
  await connection.write(Buffer.from(`${line}more`));
  const back = await connection.readExactly(line.length + 4);
  expect(String(back)).toBe(`${line}more`);
  expect(server.tally.bytes.out).toBe(line.length + 4);
});

test("what may become a question is held for a second at most", async () => {
  await using server = await serve();
  await using connection = await connect(server.addresses[0]!);
  await connection.write(Buffer.from("SOUND"));
  expect(String(await connection.readExactly(5))).toBe("SOUND");
  await connection.write(Buffer.from('ER/1 {"ask":"who"}\n'));
  const rest = await connection.readExactly(19);
  expect(String(rest)).toBe('ER/1 {"ask":"who"}\n');
});

test("what is held goes out before the end", async () => {
  await using server = await serve();
  await using connection = await connect(server.addresses[0]!);
  await connection.write(Buffer.from("SOUNDER/1 {"));
  connection.finish();
  expect(String(await connection.readAll())).toBe("SOUNDER/1 {");
});

test("a drain does not wait for a late answer", async () => {
  const server = await serve();
  await using connection = await connect(server.addresses[0]!);
  await ask(connection, { ask: "late", after: 3_600_000 });
  connection.finish();
  await until(() => server.connections.length === 1, "it is served");
  await server.stop({ drainTimeout: 300 });
});
