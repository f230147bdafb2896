/** What others wrote reaches the terminal as text, never as a command. */
import { expect, test } from "bun:test";

import { startServer } from "../../../src/server/server.ts";
import { formatEndpoint } from "../../../src/address/endpoint.ts";
import { noOpenssl } from "../../support/certificates.ts";
import { Program, run, sounder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { peerProgram } from "../../support/peer.ts";

const openssl = peerProgram("openssl");

/** Clears the screen in both of its forms, reverses, begins a line. */
const HOSTILE = "\u001b[2J\u009b2J\u202egnp.\u2028exe";
const HARMLESS = "\\x1b[2J\\x9b2J\\u202egnp.\\u2028exe";

// oxlint-disable-next-line no-control-regex
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/;

async function hostileServer() {
  await using folder = await temporaryFolder();
  const [cert, key] = [folder.path("cert.pem"), folder.path("key.pem")];
  const how = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  const files = ["-utf8", "-keyout", key, "-out", cert];
  const { status, stderr } = await run([
    openssl!,
    ...how.split(" "),
    ...files,
    "-subj",
    `/CN=${HOSTILE}`,
  ]);
  if (status !== 0) throw new Error(stderr);
  const text = (file: string) => Bun.file(file).text();
  const server = await startServer({
    addresses: ["tls://127.0.0.1:0"],
    reply: "raw",
    tls: { cert: await text(cert), key: await text(key) },
  });
  return Object.assign(server, {
    address: formatEndpoint(server.addresses[0]!),
  });
}

test.skipIf(noOpenssl)("a certificate's name in --trace", async () => {
  await using server = await hostileServer();
  const flags = ["--trace", "--tls-insecure"];
  const { status, stdout, stderr } = await run(
    sounder("client", server.address, ...flags),
    "hello",
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: "hello" });
  expect(stderr).toContain(HARMLESS);
  expect(stderr).not.toMatch(OBEYED);
});

test.each(["text", "json"])("a socket's file in a log of %s", async (log) => {
  await using folder = await temporaryFolder();
  const address = `unix:${folder.path(HOSTILE)}`;
  await using server = new Program(sounder("server", address, `--log=${log}`));
  await server.says(/istening/);
  server.child.kill("SIGTERM");
  expect(await server.ended()).toBe(0);
  expect(server.said).not.toMatch(OBEYED);
  if (log === "text") expect(server.said).toContain(HARMLESS);
  else {
    const [line] = server.said.split("\n");
    expect(JSON.parse(line!)).toMatchObject({ address });
  }
});

test.each([
  ["a file that is not there", ["report", HOSTILE]],
  ["a file that can't be written", ["load", "-n1", `--json=/no/${HOSTILE}`]],
  ["a Unix socket", ["client", `unix:${HOSTILE}`]],
  ["a mistake", ["client", `${HOSTILE}:1`]],
  ["an option", ["client", `--${HOSTILE}`]],
  ["a command", [HOSTILE]],
])("the name of %s", async (_, args) => {
  const { status, stderr } = await run(sounder(...args));
  expect(status).not.toBe(0);
  expect(stderr).toContain("\\x1b[2J");
  expect(stderr).not.toMatch(OBEYED);
});
