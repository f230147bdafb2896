import { describe, expect, test } from "bun:test";

import { check } from "../../../src/check/check.ts";
import { echoCheck } from "../../../src/check/checks/echo/echo.ts";
import { differenceAt } from "../../../src/check/checks/echo/difference.ts";
import { echoPayload } from "../../../src/check/checks/echo/payload.ts";
import { startServer } from "../../../src/server/server.ts";
import { identity } from "../../support/certificates.ts";
import { Program } from "../../support/cli.ts";
import { found } from "../../support/path-to.ts";
import { peerProgram } from "../../support/peer.ts";
import { proxiedServer } from "../../support/proxying.ts";
import { noPython, peer } from "../../support/python.ts";
import { serving } from "../../support/serving.ts";

const socat = peerProgram("socat");

const at = (port: number) =>
  ({ kind: "tcp", host: "127.0.0.1", port }) as const;

test("the payload has every byte value, and no stamp", () => {
  const { stream, ends } = echoPayload();
  expect(new Set(stream.subarray(0, ends[0])).size).toBe(256);
  expect(new Set(stream).size).toBe(256);
  expect(stream.toString("latin1")).not.toMatch(/\[[A-Za-z]/);
  for (const end of ends) expect(stream[end - 1]).toBe(0x0a);
  const sizes = ends.map((end, index) => end - (ends[index - 1] ?? 0));
  expect(sizes.slice(1)).toContainEqual(2 ** 20 + 1);
});

describe("intact", () => {
  test.each(["raw", "stamp", "info"] as const)(
    "from a server that answers %s",
    async (reply) => {
      await using server = await serving({ reply });
      expect(await found(echoCheck, server.endpoint)).toMatchObject({
        status: reply,
        rating: "fine",
        evidence: { linesOnly: false, tries: [{ largest: 2 ** 20 + 1 }] },
      });
    },
  );

  test("over TLS, behind a PROXY header", async () => {
    await using server = await startServer({
      addresses: ["tls://127.0.0.1:0"],
      tls: identity,
      proxyProtocol: true,
    });
    const approach = { tls: { insecure: true }, sendProxy: 1 as const };
    const target = server.addresses[0]!;
    expect(await found(echoCheck, target, { approach })).toMatchObject({
      status: "stamp",
      rating: "fine",
    });
  });

  test.each(["slice 100 0s", "delay 5ms+-5ms", "join 1000 2ms"])(
    "whatever chunks become: %s",
    async (fault) => {
      await using both = await proxiedServer(
        { faults: [fault] },
        { reply: "stamp" },
      );
      expect(await found(echoCheck, both.proxy.endpoint)).toMatchObject({
        status: "stamp",
        rating: "fine",
      });
    },
  );

  test.skipIf(noPython)("from the tutorials' server", async () => {
    await using server = new Program(peer("tutorial_server"));
    const port = Number((await server.says(/\d+/))[0]);
    expect(await found(echoCheck, at(port))).toMatchObject({
      status: "stamp",
      rating: "fine",
    });
  });
});

describe("altered", () => {
  const ALTERED = [
    ["corrupt after 1000", 1000, "changed"],
    ["drop 5 after 100000", 100_000, "lost"],
    ["repeat 20 after 70000", 70_020, "repeated"],
    ["swap after 5000", 5000, "reordered"],
  ] as const;
  test.each(ALTERED)("by %s, at byte %d", async (fault, offset, kind) => {
    await using both = await proxiedServer({ faults: [fault] });
    expect(await found(echoCheck, both.proxy.endpoint)).toMatchObject({
      status: "altered",
      rating: "harmful",
      evidence: {
        tries: [1, 2, 3].map(() => ({ difference: { offset, kind } })),
      },
    });
  });

  test("on some connections only", async () => {
    await using both = await proxiedServer({
      faults: ["corrupt on every 5th"],
    });
    // The first two asked who it is.
    await (await both.proxy.dial())[Symbol.asyncDispose]();
    await (await both.proxy.dial())[Symbol.asyncDispose]();
    const finding = await found(echoCheck, both.proxy.endpoint);
    expect(finding.status).toBe("altered");
    expect(finding.text).toEndWith("on 1 of 3 connections");
  });

  test("in a stamp", async () => {
    const faults = ["corrupt after 3"];
    await using both = await proxiedServer({ faults }, { reply: "stamp" });
    const finding = await found(echoCheck, both.proxy.endpoint);
    expect(finding.status).toBe("altered");
    expect(finding.text).toContain("a stamp was damaged");
  });

  test("fails the whole check", async () => {
    await using both = await proxiedServer({ faults: ["corrupt after 9000"] });
    const only = ["connect", "echo"] as const;
    const { verdict, reasons } = await check(both.proxy.endpoint, { only });
    expect(verdict).toBe("fail");
    expect(reasons).toEqual([expect.stringContaining("at byte 9,000")]);
  });

  /** An echo that does something to bytes. */
  function altering(alter: (bytes: Buffer) => Buffer) {
    return Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      // What the kernel does not take is lost: it fails before that matters.
      socket: { data: (socket, bytes) => void socket.write(alter(bytes)) },
    });
  }
  const text = (alter: (text: string) => string) => (bytes: Buffer) =>
    Buffer.from(alter(bytes.toString("latin1")), "latin1");
  const PROGRAMS: [string, (bytes: Buffer) => Buffer, string][] = [
    ["LF → CR LF", text((all) => all.replaceAll("\n", "\r\n")), "became CR LF"],
    ["CR LF → LF", text((all) => all.replaceAll("\r\n", "\n")), "became LF"],
    ["CR → LF", text((all) => all.replaceAll("\r", "\n")), "CR became LF"],
    [
      "7 bits",
      (bytes) => Buffer.from(bytes.map((byte) => byte & 0x7f)),
      "8th bit",
    ],
    ["UTF-8", (bytes) => Buffer.from(bytes.toString("latin1")), "Latin-1"],
    ["U+FFFD", (bytes) => Buffer.from(bytes.toString("utf8")), "U+FFFD"],
    ["?", text((all) => all.replaceAll(/[\x80-\xff]/g, "?")), "question marks"],
    ["0xff", text((all) => all.replaceAll("\xff", "\xff\xff")), "doubled"],
    [
      "upper",
      text((all) => all.replaceAll(/[a-z]/g, (one) => one.toUpperCase())),
      "upper case",
    ],
    [
      "lower",
      text((all) => all.replaceAll(/[A-Z]/g, (one) => one.toLowerCase())),
      "lower case",
    ],
    ["no NUL", text((all) => all.replaceAll("\0", "")), "1 byte (0x00)"],
    ["no EOT", text((all) => all.replaceAll("\x04", "")), "1 byte (0x04)"],
  ];
  test.each(PROGRAMS)("by a program: %s", async (_, alter, told) => {
    using server = altering(alter);
    const finding = await found(echoCheck, at(server.port));
    expect(finding.status).toBe("altered");
    expect(finding.text).toContain(told);
  });

  test("by one that puts something before each chunk", async () => {
    using server = altering((bytes) => {
      const isQuestion = bytes.includes("SOUNDER");
      return isQuestion ? bytes : Buffer.concat([Buffer.from("> "), bytes]);
    });
    const finding = await found(echoCheck, at(server.port));
    expect(finding.text).toContain("2 bytes came that had not been sent");
  });
});

test("a byte behind the end is one too many", () => {
  const stream = Buffer.from("one two three");
  const told = differenceAt(stream, stream.length, Buffer.from("x"));
  expect(told.text).toBe("more came back than was sent");
});

describe("neither altered nor whole", () => {
  test("where every connection ends at the same message", async () => {
    await using both = await proxiedServer({ faults: ["finish after 3000"] });
    expect(await found(echoCheck, both.proxy.endpoint)).toMatchObject({
      status: "cut",
      rating: "harmful",
      evidence: { tries: [{ how: "FIN", intact: 3000 }, {}, {}] },
    });
  });

  test("where large messages do not come back", async () => {
    await using both = await proxiedServer({ faults: ["pass-max 1400"] });
    const finding = await found(echoCheck, both.proxy.endpoint, {
      timeout: 2000,
    });
    expect(finding).toMatchObject({ status: "stalled", rating: "harmful" });
  });

  test("where connections end after a while", async () => {
    await using both = await proxiedServer({
      faults: ["reset after 100ms", "rate 100kB"],
    });
    const finding = await found(echoCheck, both.proxy.endpoint);
    expect(["unknown", "cut"]).toContain(finding.status);
  });

  test("where one connection of many ends", async () => {
    await using both = await proxiedServer({
      faults: ["reset after 5000 on every 3rd"],
    });
    const finding = await found(echoCheck, both.proxy.endpoint);
    expect(finding).toMatchObject({ status: "raw", rating: "notable" });
    expect(finding.text).toContain("ended (RST) after 5,000 bytes");
  });
});

test.skipIf(socat === undefined)(
  "a server that answers whole lines is known",
  async () => {
    await using server = new Program([
      socat!,
      "-d",
      "-d",
      "TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr",
      // -u writes each line as it is read, and waits for the whole of it.
      "EXEC:sed -u n",
    ]);
    const [, port] = await server.says(/listening on .*:(\d+)/);
    const finding = await found(echoCheck, at(Number(port)));
    expect(finding).toMatchObject({ status: "raw", rating: "notable" });
    expect(finding.evidence["linesOnly"]).toBe(true);
  },
);
