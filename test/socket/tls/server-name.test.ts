import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import { sniOf } from "../../../src/socket/tls/server-name.ts";
import { certificates, noOpenssl } from "../../support/certificates.ts";
import { Program } from "../../support/cli.ts";
import { noPython, peer } from "../../support/python.ts";

describe("sniOf()", () => {
  test.each([
    ["localhost", "localhost"],
    ["echo.test.", "echo.test"],
    ["127.0.0.1", ""],
    ["127.0.0.1.", ""],
    ["::1", ""],
    ["fe80::1%eth0", ""],
    ["127.0.0.1.test", "127.0.0.1.test"],
  ])("sniOf() tells of %s only %p", (name, sni) => {
    expect(sniOf(name)).toBe(sni);
  });
});

describe.skipIf(noPython || noOpenssl)("what a TLS server is asked for", () => {
  let made: Awaited<ReturnType<typeof certificates>>;
  let server: Program;
  let port: string;
  beforeAll(async () => {
    made = await certificates();
    server = new Program(
      peer("tls_server", made.pem("server"), made.key("server")),
    );
    port = (await server.says(/Listening on (\d+)/))[1]!;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await made[Symbol.asyncDispose]();
  });

  /** The name in SNI, as Python tells it, of the connection that is made. */
  async function nameSeen(making: () => Promise<unknown>): Promise<string> {
    const before = server.said.match(/^SNI .*\n/gm)?.length ?? 0;
    await making();
    const told = new RegExp(`(?:^SNI (\\S+)\n[^]*?){${before + 1}}`, "m");
    return (await server.says(told))[1]!;
  }
  async function dial(host: string, serverName?: string): Promise<void> {
    const tls = { ca: made.ca, serverName };
    await using _ = await connect(`tls://${host}:${port}`, { tls });
  }

  // The certificate is for localhost and 127.0.0.1.
  test.each([
    ["localhost", undefined, "localhost"],
    ["127.0.0.1", undefined, "None"],
    ["127.0.0.1", "localhost", "localhost"],
    ["127.0.0.1", "localhost.", "localhost"],
    ["localhost", "127.0.0.1", "None"],
    ["127.0.0.1", "127.0.0.1", "None"],
  ])("of %s, called %p, is %s", async (host, serverName, name) => {
    expect(await nameSeen(() => dial(host, serverName))).toBe(name);
  });

  test.each([
    ["127.0.0.1", "127.0.0.2", "None"],
    ["localhost", "127.0.0.2", "None"],
    ["127.0.0.1", "other.test.", "other.test"],
  ])("and %s, called %p, is not trusted", async (host, serverName, name) => {
    const dialled = async () => {
      await expect(dial(host, serverName)).rejects.toMatchObject({
        code: "ERR_TLS_CERT_ALTNAME_INVALID",
      });
    };
    expect(await nameSeen(dialled)).toBe(name);
  });

  test("nor is an address whose authority is not", async () => {
    for (const serverName of [undefined, "127.0.0.1", "127.0.0.2"]) {
      const tls = { serverName };
      const address = `tls://127.0.0.1:${port}`;
      await expect(connect(address, { tls })).rejects.toMatchObject({
        code: expect.stringMatching(/^UNABLE_TO_|SELF_SIGNED/),
      });
    }
  });
});
