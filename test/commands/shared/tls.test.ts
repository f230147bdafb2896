import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import { Program, run, sounder } from "../../support/cli.ts";
import { certificates, noOpenssl } from "../../support/certificates.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { noPython, peer } from "../../support/python.ts";

let made: Awaited<ReturnType<typeof certificates>>;
beforeAll(async () => {
  if (!noOpenssl) made = await certificates();
});
afterAll(() => made?.[Symbol.asyncDispose]());

/** A server that speaks TLS, and where. */
async function secure(...flags: string[]) {
  const server = new Program(
    sounder("server", "tls://127.0.0.1:0", "--reply=raw", ...flags),
  );
  const [, address] = await server.says(/Listening on (tls:\S+);/);
  return Object.assign(server, { address: address! });
}

function own(name: string): string[] {
  return [`--tls-cert=${made.pem(name)}`, `--tls-key=${made.key(name)}`];
}

/** Files of a certificate and its key, which become one or another. */
async function replaceable() {
  const folder = await temporaryFolder();
  const [cert, key] = [folder.path("cert.pem"), folder.path("key.pem")];
  const use = async (name: string) => {
    await Bun.write(cert, Bun.file(made.pem(name)));
    await Bun.write(key, Bun.file(made.key(name)));
  };
  return Object.assign(folder, { cert, key, use });
}

/** What a client says that sends "hello". */
function client(address: string, ...flags: string[]) {
  return run(sounder("client", address, ...flags), "hello");
}

const WORKED = { status: 0, stdout: "hello", stderr: "" };

function failed(stderr: string | RegExp) {
  return {
    status: 1,
    stdout: "",
    stderr:
      typeof stderr === "string"
        ? `sounder: ${stderr}\n`
        : expect.stringMatching(stderr),
  };
}

describe.skipIf(noOpenssl)("sounder server tls://", () => {
  test("shows the fingerprint of the certificate that it makes", async () => {
    await using server = await secure();
    const [, fingerprint] = await server.says(/SHA-256 ((..:){31}..)\n/);
    const { address } = server;
    const plain = fingerprint!.replaceAll(":", "").toLowerCase();
    for (const each of [fingerprint!, plain]) {
      expect(await client(address, "--tls-fingerprint", each)).toEqual(WORKED);
    }
    expect(await client(address, "--tls-insecure")).toEqual(WORKED);
    expect(await client(address)).toEqual(
      failed(
        `cannot connect to ${address}: its certificate is self-signed: ` +
          "give --tls-ca or --tls-fingerprint (DEPTH_ZERO_SELF_SIGNED_CERT)",
      ),
    );
    expect(await client(address, "--tls-fingerprint", "0".repeat(64))).toEqual(
      failed(
        `cannot connect to ${address}: its certificate's fingerprint is ` +
          `${fingerprint} (EFINGERPRINT)`,
      ),
    );
  });

  test("takes a certificate, and reads it again at SIGHUP", async () => {
    await using files = await replaceable();
    const { cert, key, use } = files;
    await use("server");
    await using server = await secure(`--tls-cert=${cert}`, `--tls-key=${key}`);
    const { address } = server;
    const { ca } = made;
    await using old = await connect(address, { tls: { ca } });
    await expectEcho(old, "hello");

    await Bun.write(cert, "garbage");
    server.child.kill("SIGHUP");
    await server.says(/it is not a certificate in PEM .*; the old one stays\n/);
    await using same = await connect(address, { tls: { ca } });
    await expectEcho(same, "hello");

    await use("stranger");
    server.child.kill("SIGHUP");
    const [, fingerprint] = await server.says(/read again: SHA-256 (\S+)\n/);
    await using next = await connect(address, { tls: { fingerprint } });
    await expectEcho(next, "hello");
    await expectEcho(old, "still here");
  });

  test("does not take a file with anything broken in it", async () => {
    await using folder = await temporaryFolder();
    const [cert, ca] = [folder.path("cert.pem"), folder.path("ca.pem")];
    const good = await Bun.file(made.pem("server")).text();
    await Bun.write(cert, good);
    await Bun.write(ca, made.ca);
    await using server = await secure(
      `--tls-cert=${cert}`,
      `--tls-key=${made.key("server")}`,
      `--tls-client-ca=${ca}`,
    );
    const trust = `--tls-ca=${made.pem("ca")}`;
    const works = async () =>
      expect(await client(server.address, trust, ...own("client"))).toEqual(
        WORKED,
      );
    // The end of the client before may be told in between.
    const afterwards = (said: number) =>
      new RegExp(`(?<=^[^]{${said}}[^]*)\\d cannot use .*\n`);
    const block = "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n";
    for (const [file, before] of [
      [cert, good],
      [ca, made.ca],
    ] as const) {
      for (const end of ["-----END CERTIFICATE-----\n", ""]) {
        const said = server.said.length;
        await Bun.write(file, before + block + end);
        server.child.kill("SIGHUP");
        const [line] = await server.says(afterwards(said));
        expect(line).toEndWith(
          `cannot use ${file}: certificate 2 in it is broken (ETLS); ` +
            "the old one stays\n",
        );
        await works();
      }
      await Bun.write(file, before);
    }
    const said = server.said.length;
    await Bun.write(cert, `${good}-----BEGIN OTHER-----\nZ2FyYmFnZQ==\n`);
    server.child.kill("SIGHUP");
    const [line] = await server.says(afterwards(said));
    expect(line).toContain(`cannot use ${cert}: TLS does not take it: `);
    await works();
  });

  test("warns of a certificate that has expired", async () => {
    await using files = await replaceable();
    const { cert, key, use } = files;
    await use("expired");
    await using server = await secure(`--tls-cert=${cert}`, `--tls-key=${key}`);
    const expired = /the certificate has expired: it was valid until .* GMT\n/;
    await server.says(expired);
    await use("server");
    server.child.kill("SIGHUP");
    await server.says(/read again/);
    expect(server.said.match(/has expired/g)).toHaveLength(1);
    await use("expired");
    server.child.kill("SIGHUP");
    await server.says(/(has expired[^]*){2}/);
  });

  test("tells its workers of a new certificate, too", async () => {
    await using server = await secure(...own("server"), "--workers=2");
    const { address } = server;
    server.child.kill("SIGHUP");
    await server.says(/certificate read again/);
    for (let round = 0; round < 8; round += 1) {
      await using one = await connect(address, { tls: { ca: made.ca } });
      await expectEcho(one, "hello");
    }
  });

  test("asks clients for a certificate of its authority", async () => {
    const authority = `--tls-client-ca=${made.pem("ca")}`;
    await using server = await secure(...own("server"), authority);
    const { address } = server;
    const trust = `--tls-ca=${made.pem("ca")}`;
    expect(await client(address, trust, ...own("client"))).toEqual(WORKED);
    expect(await client(address, trust)).toEqual(
      failed(/ended .*: it wants a certificate of ours .*\(ECLIENTCERT\)\n$/),
    );
    for (const name of ["stranger", "expired"]) {
      expect(await client(address, trust, ...own(name))).toEqual(
        failed(
          /: it may not trust the certificate of --tls-cert.*\(ECONNRESET\)\n$/,
        ),
      );
    }
    await server.says(/not let in: tls-failed/);
  });
});

describe.skipIf(noOpenssl)("sounder client tls://", () => {
  test("trusts an authority, for the name that it goes to", async () => {
    await using server = await secure(...own("server"));
    const { address } = server;
    const trust = `--tls-ca=${made.pem("ca")}`;
    const byName = address.replace("127.0.0.1", "localhost");
    for (const each of [address, byName]) {
      expect(await client(each, trust)).toEqual(WORKED);
    }
    expect(await client(address, trust, "--tls-server-name=a.test")).toEqual(
      failed(/for another name: .*\(ERR_TLS_CERT_ALTNAME_INVALID\)\n$/),
    );
    expect(await client(address)).toEqual(failed(/: give --tls-ca \(/));
    expect(await client(address, `--tls-ca=${made.pem("stranger")}`)).toEqual(
      failed(/: give --tls-ca \(/),
    );
    expect(
      await client(
        address,
        trust,
        `--tls-cert=${made.pem("ca")}`,
        "--tls-key=x",
      ),
    ).toEqual(failed("cannot read x: no such file (ENOENT)"));
  });

  test("--trace shows version, cipher and certificate", async () => {
    await using server = await secure(...own("server"));
    const trust = `--tls-ca=${made.pem("ca")}`;
    const { stderr } = await client(server.address, trust, "--trace");
    const steps = stderr
      .trimEnd()
      .split("\n")
      .map((line) => /ms +(?:\(\d+\) )?(\S+)/.exec(line)![1]);
    expect(steps.slice(0, 4)).toEqual([
      "socket",
      "connect",
      "connected",
      "tls",
    ]);
    expect(stderr).toMatch(
      / tls +TLSv1\.3, TLS_\S+, server \(until .* GMT\), SHA-256 (..:){31}..\n/,
    );
  });

  test("says so where nobody speaks TLS", async () => {
    await using plain = new Program(sounder("server", "127.0.0.1:0"));
    const [, address] = await plain.says(/Listening on (\S+);/);
    expect(await client(`tls://${address}`, "--tls-insecure")).toEqual(
      failed(/it does not speak TLS, or not the same kind \(EPROTO\)\n$/),
    );
  });

  test.skipIf(noPython)("agrees with Python's server", async () => {
    const files = [made.pem("server"), made.key("server"), made.pem("ca")];
    await using server = new Program(peer("tls_server", ...files));
    const [, port] = await server.says(/Listening on (\d+)/);
    const trust = `--tls-ca=${made.pem("ca")}`;
    const copy = ["client", `tls://127.0.0.1:${port}`, trust, "--verify"];
    const bytes = new Uint8Array(5e6).map((_, at) => at % 251);
    expect(await run(sounder(...copy, ...own("client")), bytes)).toMatchObject({
      status: 0,
    });
    const { status, stderr } = await run(sounder(...copy), "hello");
    expect(status).toBe(1);
    expect(stderr).toContain("(ECLIENTCERT)");
  });
});

test.skipIf(noOpenssl)("sounder load measures over TLS", async () => {
  await using server = await secure(...own("server"), "--workers=2");
  const trust = `--tls-ca=${made.pem("ca")}`;
  const flags = ["-n2000", "-c8", "-p4", "--warmup=0s", "--json=-", trust];
  const { status, stdout } = await run(
    sounder("load", server.address, ...flags),
  );
  expect(status).toBe(0);
  const { bytes, messages, errors, verdict } = JSON.parse(stdout);
  expect({ errors, verdict }).toEqual({ errors: {}, verdict: "pass" });
  expect(bytes.mismatched).toBe(0);
  expect(messages.received).toBe(2000);
});
