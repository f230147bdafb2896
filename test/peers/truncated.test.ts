import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { formatCount, plural } from "../../src/units.ts";
import { connect } from "../../src/client/connect.ts";
import { Program, run, sounder } from "../support/cli.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { withoutTimes } from "../support/failed.ts";
import { certificates, noOpenssl } from "../support/certificates.ts";
import { measure } from "../support/load.ts";
import { noPython, peer } from "../support/python.ts";
import { serving } from "../support/serving.ts";
import { until } from "../support/until.ts";

const VERSIONS = ["1.2", "1.3"];
/** A TLS 1.3 alert is as long as two bytes of data. */
const TEXTS = ["h", "ok", "hello", "x".repeat(100_000)];

describe.skipIf(noPython || noOpenssl)("a TLS stream that is cut off", () => {
  let made: Awaited<ReturnType<typeof certificates>>;
  beforeAll(async () => void (made = await certificates()));
  afterAll(() => made[Symbol.asyncDispose]());

  /** A server that ends its connections so, and where. */
  async function server(version: string, how: string) {
    const identity = [made.pem("server"), made.key("server")];
    const program = new Program(
      peer("tls_truncates", "server", ...identity, version, how),
    );
    const [, port] = await program.says(/Listening on (\d+)/);
    return Object.assign(program, { address: `tls://127.0.0.1:${port}` });
  }

  async function answered(version: string, how: string, text: string) {
    await using program = await server(version, how);
    const trust = ["--tls-ca", made.pem("ca")];
    const { address } = program;
    const done = await run(sounder("client", ...trust, address), text);
    return { ...done, stderr: withoutTimes(done.stderr), address };
  }

  test.each(VERSIONS)(
    "is no success of the client's, over TLS %s",
    async (version) => {
      for (const text of TEXTS) {
        const { address, ...done } = await answered(version, "cut", text);
        const { length } = done.stdout;
        expect(done).toEqual({
          status: 1,
          stdout: text.slice(0, length),
          stderr:
            `sounder: the server at ${address} cut its TLS stream off, by a ` +
            `FIN without close_notify, after ` +
            `${plural(text.length, "byte")} sent and ${formatCount(length)} received, ` +
            "then … of silence (ETRUNCATED)\n",
        });
      }
    },
    60_000,
  );

  test.each(VERSIONS)(
    "is told also where half of the answer is missing, over TLS %s",
    async (version) => {
      // The half is as long as an alert.
      const done = await answered(version, "cut-half", "halt");
      expect(done).toMatchObject({ status: 1, stdout: "ha" });
      expect(done.stderr).toEndWith("(ETRUNCATED)\n");
    },
  );

  test.each(
    VERSIONS.flatMap((version) => [
      [version, "end"],
      [version, "late"],
    ]),
  )(
    "is none where TLS was ended, over TLS %s, %s",
    async (version, how) => {
      for (const text of TEXTS.slice(0, 3)) {
        expect(await answered(version!, how!, text)).toMatchObject({
          status: 0,
          stdout: text,
          stderr: "",
        });
      }
    },
    60_000,
  );

  test("is none of the server's where we reset it ourselves", async () => {
    const tls = await made.pair("server");
    await using echo = await serving({ addresses: ["tls://127.0.0.1:0"], tls });
    const trust = { tls: { ca: made.ca } };
    await using connection = await connect(echo.endpoint, trust);
    await expectEcho(connection, "hello");
    const read = connection.read();
    connection.reset();
    expect(await read).toBeUndefined();
    await connection.closed;
  });

  test("is a lost connection in load", async () => {
    await using program = await server("1.3", "cut");
    const result = await measure(program.address, {
      approach: { tls: { ca: made.ca } },
      connections: 2,
      until: { messages: 2 },
      warmup: 0,
      reply: "raw",
      reconnect: false,
    });
    expect(result.errors).toEqual({ ETRUNCATED: 2 });
    expect(result.connections).toMatchObject({ opened: 2, lost: 2 });
  });

  test.each(VERSIONS)(
    "is told by the server, which answers all that came, over TLS %s",
    async (version) => {
      const tls = await made.pair("server");
      await using echo = await serving({
        addresses: ["tls://127.0.0.1:0"],
        tls,
      });
      const { port } = echo.endpoint as { port: number };
      for (const text of TEXTS) {
        for (const how of ["cut", "end", "late"]) {
          const command = ["client", String(port), version, how, text];
          const { stdout } = await run(peer("tls_truncates", ...command));
          expect(stdout).toBe(text);
          await until(() => echo.told.length > 0, "it is told");
          expect({ how, ...echo.told.pop()! }).toMatchObject({
            how,
            cause: how === "cut" ? "truncated" : "FIN",
            bytesOut: text.length,
            dropped: 0,
          });
        }
      }
      expect(echo.tally.closed).toMatchObject({ truncated: 4, FIN: 8, RST: 0 });
    },
    60_000,
  );
});
