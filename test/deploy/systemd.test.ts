import { dirname } from "node:path";
import { chmod } from "node:fs/promises";

import { describe, expect, test } from "bun:test";

import { parseDuration } from "../../src/units.ts";
import { certificates, noOpenssl } from "../support/certificates.ts";
import { Program, run, sounder } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { peerProgram } from "../support/peer.ts";
import { replaced, textOf } from "./files.ts";

const analyze = peerProgram("systemd-analyze");
const EXECUTABLE = "/usr/local/bin/sounder";
/** Of 100, where less is better: that of a service with nothing is 96. */
const EXPOSURE_MAX = 15;

const service = textOf("deploy/systemd/sounder.service");
const socket = textOf("deploy/systemd/sounder.socket");
const tls = textOf("deploy/systemd/sounder.service.d/tls.conf");

/** The units, with an executable that is there. */
async function installed() {
  const folder = await temporaryFolder();
  const unit = replaced(service, [[EXECUTABLE, process.execPath]]);
  await Bun.write(folder.path("sounder.service"), unit);
  await Bun.write(folder.path("sounder.socket"), socket);
  await Bun.write(folder.path("sounder.service.d/tls.conf"), tls);
  return folder;
}

function setting(name: string): string {
  return new RegExp(`^${name}=(.*)$`, "m").exec(service)![1]!;
}

describe("the units", () => {
  test.skipIf(!analyze)("the units have no fault", async () => {
    await using folder = await installed();
    const units = ["sounder.service", "sounder.socket"].map(folder.path);
    expect(await run([analyze!, "verify", ...units])).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
  });

  test.skipIf(!analyze)("the service is exposed to little", async () => {
    await using folder = await installed();
    const judged = await run([
      analyze!,
      "security",
      "--offline=true",
      "--no-pager",
      `--threshold=${EXPOSURE_MAX}`,
      folder.path("sounder.service"),
    ]);
    expect(judged).toMatchObject({ status: 0 });
  });

  test("the service has time to drain", () => {
    const [, timeout] = /--drain-timeout (\S+)/.exec(setting("ExecStart"))!;
    const given = Number(setting("TimeoutStopSec")) * 1000;
    expect(given).toBeGreaterThan(parseDuration(timeout!));
  });

  test("its command line starts a server", async () => {
    const args = replaced(setting("ExecStart"), [
      [`${EXECUTABLE} `, ""],
      ["127.0.0.1:9090", "127.0.0.1:0"],
      ["$SOUNDER_TLS ", ""],
      ["$SOUNDER_FLAGS", "127.0.0.1:0"],
    ]);
    await using program = new Program(sounder(...args.split(" ")));
    await program.says(/admin pages at/);
    program.child.kill("SIGTERM");
    expect(await program.ended()).toBe(0);
  });

  test.skipIf(noOpenssl)(
    "the credentials that it loads are a TLS server's",
    async () => {
      await using made = await certificates();
      await using given = await temporaryFolder();
      // As systemd hands them over: copies that only the service's user reads.
      for (const [, name, source] of tls.matchAll(
        /^LoadCredential=(.+):\/etc\/sounder\/(\w+)\.pem$/gm,
      )) {
        const from = source === "key" ? made.key("server") : made.pem("server");
        await Bun.write(given.path(name!), Bun.file(from));
        await chmod(given.path(name!), 0o400);
      }
      const [, flags] = /^Environment="SOUNDER_TLS=(.*)"$/m.exec(tls)!;
      const where = replaced(flags!, [["%d", dirname(given.path("cert.pem"))]]);
      await using program = new Program(
        sounder("server", "tls://127.0.0.1:0", ...where.split(" ")),
      );
      const [, address] = await program.says(/Listening on (tls:\S+);/);
      const trust = ["--tls-ca", made.pem("ca")];
      expect(
        await run(sounder("client", ...trust, address!), "hello"),
      ).toMatchObject({ status: 0 });
    },
  );
});
