import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { readIdentity } from "../../../src/commands/shared/identity.ts";
import { certificates, noOpenssl } from "../../support/certificates.ts";

describe.skipIf(noOpenssl)("readIdentity()", () => {
  let made: Awaited<ReturnType<typeof certificates>>;
  beforeAll(async () => void (made = await certificates()));
  afterAll(() => made[Symbol.asyncDispose]());

  const FAULTS: [what: string, files: () => string[], told: () => string][] = [
    [
      "another's key",
      () => [made.pem("server"), made.key("client")],
      () =>
        `cannot use ${made.key("client")}: it is not the key of ` +
        `${made.pem("server")} (ETLS)`,
    ],
    [
      "a key that is none",
      () => [made.pem("server"), made.pem("server")],
      () =>
        `cannot use ${made.pem("server")}: it is not a private key in PEM (ETLS)`,
    ],
    [
      "a key with a passphrase",
      () => [made.pem("server"), made.key("locked")],
      () =>
        `cannot use ${made.key("locked")}: it has a passphrase; a key without ` +
        "one is wanted (ETLS)",
    ],
    [
      "a certificate that is none",
      () => [made.key("server"), made.key("server")],
      () =>
        `cannot use ${made.key("server")}: it is not a certificate in PEM (ETLS)`,
    ],
    [
      "an authority that is none",
      () => [made.pem("server"), made.key("server"), made.key("ca")],
      () =>
        `cannot use ${made.key("ca")}: it is not a certificate in PEM (ETLS)`,
    ],
    [
      "a file that is not there",
      () => [made.pem("server"), made.key("none")],
      () => `cannot read ${made.key("none")}: no such file (ENOENT)`,
    ],
  ];

  test.each(FAULTS)("readIdentity() names %s", (_, files, told) => {
    const [tlsCert, tlsKey, tlsClientCa] = files();
    const identity = { tlsCert, tlsKey, tlsClientCa } as Record<string, string>;
    expect(() => readIdentity(identity)).toThrow(told());
  });
});
