import { describe, expect, test } from "bun:test";

import { parseEndpoint } from "../../src/address/endpoint.ts";
import { chooseCases, parseChosen } from "../../src/trial/choose.ts";
import { ECHO } from "../../src/trial/echo.ts";
import { trial } from "../../src/trial/trial.ts";
import { peerProgram } from "../support/peer.ts";
import { noPython } from "../support/python.ts";
import { postgres, postgresPrograms, redis } from "../support/services.ts";

const LINES = Array.from({ length: 500 }, (_, n) => `line ${n}\n`).join("");

const CASES = chooseCases(
  parseChosen(
    "slice,join,late-finish,refuse,mute,reset,reset-first,finish,finish-last," +
      "no-half-close,corrupt,proxy-header",
  ),
  [],
);

/** What it says of each case, by verdict. */
async function verdictsOf(
  target: string,
  command: readonly string[],
  input?: string,
): Promise<Record<string, string[]>> {
  const found = await trial(
    {
      target: target === ECHO ? ECHO : parseEndpoint(target),
      approach: {},
      command,
      input: input === undefined ? undefined : Buffer.from(input),
      cases: CASES,
      timeout: 5000,
      repeat: 1,
      jobs: 3,
      seed: 1,
    },
    { baseline() {}, finished() {} },
    new AbortController().signal,
  );
  const verdicts: Record<string, string[]> = { fail: [], untested: [] };
  for (const { name, verdict } of found.cases) verdicts[verdict]?.push(name);
  return verdicts;
}

/** On each run the same. */
async function always(
  expected: Record<string, string[]>,
  ...given: Parameters<typeof verdictsOf>
): Promise<void> {
  const rounds = [verdictsOf(...given), verdictsOf(...given)];
  expect(await Promise.all(rounds)).toEqual([expected, expected]);
}

/** A web server with a text, which ends each connection after its answer. */
function webServer(): { address: string } & Disposable {
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${LINES.length}\r\nConnection: close\r\n\r\n`;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, chunk) {
        if (chunk.includes("\r\n\r\n")) socket.end(head + LINES);
      },
    },
  });
  return {
    address: `127.0.0.1:${listener.port}`,
    [Symbol.dispose]: () => listener.stop(true),
  };
}

describe("what clients of others do on bad paths:", () => {
  test.skipIf(peerProgram("ncat") === undefined)(
    "ncat takes whatever comes, and waits for ever",
    () =>
      always(
        {
          fail: [
            "mute",
            "finish",
            "finish-last",
            "no-half-close",
            "corrupt",
            "proxy-header",
          ],
          untested: [],
        },
        ECHO,
        ["ncat", "{host}", "{port}"],
        LINES,
      ),
  );

  test.skipIf(peerProgram("socat") === undefined)(
    "socat takes even a reset for an end",
    () =>
      always(
        {
          fail: [
            "mute",
            "reset",
            "reset-first",
            "finish",
            "finish-last",
            "no-half-close",
            "corrupt",
            "proxy-header",
          ],
          untested: [],
        },
        ECHO,
        ["socat", "-t30", "-", "TCP:{address}"],
        LINES,
      ),
  );

  test.skipIf(peerProgram("curl") === undefined)(
    "curl counts bytes, but has no checksum, and no time limit of its own",
    async () => {
      using server = webServer();
      const url = "http://{address}/";
      const command = ["curl", "-sS", url];
      const untested = ["no-half-close"];
      const { address } = server;
      await always({ fail: ["mute", "corrupt"], untested }, address, command);
      const limited = ["curl", "-sS", "--max-time", "2", url];
      await always({ fail: ["corrupt"], untested }, address, limited);
    },
  );

  test.skipIf(noPython)("Python's urllib, too", async () => {
    using server = webServer();
    const script =
      "import sys, urllib.request; " +
      "sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())";
    await always(
      { fail: ["mute", "corrupt"], untested: ["no-half-close"] },
      server.address,
      ["python3", "-c", script, "http://{address}/"],
    );
  });

  const noRedis = [peerProgram("redis-server"), peerProgram("redis-cli")];
  test.skipIf(noRedis.includes(undefined))(
    "redis-cli calls an error of the server success",
    async () => {
      await using server = await redis();
      await always(
        {
          fail: ["mute", "corrupt", "proxy-header"],
          untested: ["late-finish", "no-half-close"],
        },
        server.address,
        ["redis-cli", "-h", "{host}", "-p", "{port}", "get", "key"],
      );
    },
  );

  const programs = postgresPrograms();
  test.skipIf(programs === undefined || peerProgram("psql") === undefined)(
    "psql notices all, but for a server that is silent",
    async () => {
      await using server = await postgres(programs!);
      const connect = ["-X", "-h", "{host}", "-p", "{port}", "-U", "postgres"];
      const query = "select generate_series(1, 5000)";
      await always(
        { fail: ["mute"], untested: ["late-finish", "no-half-close"] },
        server.address,
        ["psql", ...connect, "-d", "postgres", "-Atc", query],
      );
    },
  );
});
