import { describe, expect, test } from "bun:test";

import { faultyIdentity } from "../../src/faults/certificates.ts";
import type { ActionName } from "../../src/protocol/faults/fault.ts";
import { run } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { noPython, peer } from "../support/python.ts";

/** What Python makes of a certificate, for a name, if it trusts its authority. */
async function verdict(
  actions: readonly ActionName[],
  name: string,
  trusts = true,
): Promise<string> {
  const { cert, key, ca } = await faultyIdentity(actions);
  await using folder = await temporaryFolder();
  await Bun.write(folder.path("ca.pem"), ca);
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert, key },
    socket: { data() {} },
  });
  try {
    const file = trusts ? folder.path("ca.pem") : "";
    const args = [`${listener.port}`, name, file];
    const { stdout, stderr } = await run(peer("tls_verdict", ...args));
    expect(stderr).toBe("");
    return stdout.trim();
  } finally {
    listener.stop(true);
  }
}

describe.skipIf(noPython)("faultyIdentity()", () => {
  test.each<[ActionName[], string, RegExp]>([
    [[], "localhost", /^good$/],
    [[], "127.0.0.1", /^good$/],
    [["tls-expired"], "localhost", /^certificate has expired$/],
    [["tls-wrong-host"], "localhost", /^Hostname mismatch/],
    [["tls-wrong-host"], "wrong-host.invalid", /^good$/],
    [["tls-expired", "tls-wrong-host"], "wrong-host.invalid", /expired/],
    [["tls-self-signed"], "localhost", /^good$/],
    [["tls-self-signed", "tls-expired"], "localhost", /expired/],
  ])("%j, for %s: %s", async (actions, name, expected) => {
    expect(await verdict(actions, name)).toMatch(expected);
  });

  test("self-signed is told as such where it is not trusted", async () => {
    const told = await verdict(["tls-self-signed"], "localhost", false);
    expect(told).toBe("self-signed certificate");
  });
});
