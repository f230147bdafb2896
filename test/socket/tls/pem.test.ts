import { createPrivateKey, X509Certificate } from "node:crypto";

import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import { readIdentity } from "../../../src/commands/shared/identity.ts";
import { readPem } from "../../../src/commands/shared/pem-files.ts";
import { plainPem } from "../../../src/socket/tls/pem.ts";
import { certificates, noOpenssl } from "../../support/certificates.ts";
import { run, sounder } from "../../support/cli.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { peerProgram } from "../../support/peer.ts";
import { serving } from "../../support/serving.ts";

/** A file's bytes, as one program or another writes what is `text` in PEM. */
const FORMS: Record<string, (text: string) => string | Buffer> = {
  "as openssl writes it": (text) => text,
  "with a byte order mark": (text) => `\uFEFF${text}`,
  "in UTF-16, little end first": (text) =>
    Buffer.from(`\uFEFF${text}`, "utf16le"),
  "in UTF-16, big end first": (text) =>
    Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
  "with text on lines before it": (text) =>
    `Bag Attributes\n    friendlyName: echo\nsubject=CN = echo\n\n${text}`,
  "with text on its first line": (text) => `subject: CN=echo ${text}`,
  "with a mark and text": (text) => `\uFEFF# ours\r\n${text}`,
  "with text behind it": (text) => `${text}\nthat was it\n`,
  "with the lines of Windows": (text) => text.replaceAll("\n", "\r\n"),
  "with the lines of an old Mac": (text) => text.replaceAll("\n", "\r"),
  "indented, as in YAML": (text) => text.replaceAll(/^/gm, "    "),
  "without an end of line": (text) => text.trimEnd(),
};

describe.skipIf(noOpenssl)("plainPem()", () => {
  let made: Awaited<ReturnType<typeof certificates>>;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    made = await certificates();
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    await made[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  /** The path of a file like `from`, in another form. */
  async function formed(from: string, form: string): Promise<string> {
    const path = folder.path(`${from.replaceAll(/\W/g, "")}-${form}`);
    await Bun.write(path, FORMS[form]!(await Bun.file(from).text()));
    return path;
  }

  test.each(Object.keys(FORMS))(
    "files %s are a server's identity, and a client's",
    async (form) => {
      const identity = readIdentity({
        tlsCert: await formed(made.pem("server"), form),
        tlsKey: await formed(made.key("server"), form),
        tlsClientCa: await formed(made.pem("ca"), form),
      });
      const addresses = ["tls://127.0.0.1:0"];
      await using server = await serving({ addresses, tls: identity });
      const tls = {
        ca: readPem(await formed(made.pem("ca"), form)),
        cert: readPem(await formed(made.pem("client"), form)),
        key: readPem(await formed(made.key("client"), form)),
      };
      await using connection = await connect(server.endpoint, { tls });
      await expectEcho(connection, "hello");
    },
  );

  test("the library takes such texts, too", async () => {
    const marked = (text: string) => `\uFEFFours: ${text}`;
    const own = await made.pair("server");
    const addresses = ["tls://127.0.0.1:0"];
    const tls = { cert: marked(own.cert), key: marked(own.key) };
    await using server = await serving({ addresses, tls });
    const ca = marked(made.ca);
    await using connection = await connect(server.endpoint, { tls: { ca } });
    await expectEcho(connection, "hello");

    server.useTls({
      cert: marked(made.ca),
      key: marked(await Bun.file(made.key("ca")).text()),
    });
    const fingerprint = new X509Certificate(made.ca).fingerprint256;
    const trust = { tls: { fingerprint } };
    await using other = await connect(server.endpoint, trust);
    await expectEcho(other, "hello");
  });

  test("an authority in OpenSSL's own form is trusted, among others", async () => {
    const path = folder.path("trusted.pem");
    const trust = ["-trustout", "-addtrust", "serverAuth", "-out", path];
    const openssl = [peerProgram("openssl")!, "x509", "-in", made.pem("ca")];
    expect(await run([...openssl, ...trust])).toMatchObject({ status: 0 });
    const trusted = await Bun.file(path).text();
    expect(trusted).toContain("TRUSTED CERTIFICATE");
    const stranger = await Bun.file(made.pem("stranger")).text();
    const tls = await made.pair("server");
    await using server = await serving({
      addresses: ["tls://127.0.0.1:0"],
      tls,
    });
    const ca = `${stranger}\nthe next is ours\n${trusted}`;
    await using connection = await connect(server.endpoint, { tls: { ca } });
    await expectEcho(connection, "hello");
  });

  test("a broken certificate among others is named with its file", async () => {
    const path = folder.path("broken.pem");
    const good = await Bun.file(made.pem("ca")).text();
    for (const label of ["CERTIFICATE", "TRUSTED CERTIFICATE"]) {
      const broken = `-----BEGIN ${label}-----\nMIIB\n-----END ${label}-----\n`;
      await Bun.write(path, `\uFEFF${good}and\n${broken}`);
      const args = ["client", "tls://127.0.0.1:1", "--tls-ca", path];
      expect(await run(sounder(...args))).toEqual({
        status: 1,
        stdout: "",
        stderr: `sounder: cannot use ${path}: certificate 2 in it is broken (ETLS)\n`,
      });
    }
  });

  test("plainPem() leaves as it is what TLS can read", async () => {
    const text = await Bun.file(made.pem("ca")).text();
    expect(plainPem(text)).toBe(text);
    const key = await Bun.file(made.key("server")).text();
    expect(plainPem(key)).toBe(key);
    createPrivateKey(plainPem(`words -----BEGIN here\n${key}`));
  });
});
