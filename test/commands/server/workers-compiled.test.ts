import { expect, test } from "bun:test";
import { unlink } from "node:fs/promises";
import { join } from "node:path";

import { connect } from "../../../src/client/connect.ts";
import { Program, run } from "../../support/cli.ts";
import { noProc } from "../../support/child.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { childrenOf } from "../../support/process.ts";
import { until } from "../../support/until.ts";

test.skipIf(noProc)(
  "the executable has workers, replaces them, and drains",
  async () => {
    await using folder = await temporaryFolder();
    const script = join(import.meta.dir, "../../../scripts/compile.ts");
    const file = folder.path("sounder");
    const compile = [process.execPath, script, "--outfile", file];
    expect(await run(compile)).toMatchObject({ status: 0 });

    const flags = ["--workers=2", "--reply=raw"];
    const listen = ["server", "127.0.0.1:0", "tls://127.0.0.1:0"];
    await using server = new Program([file, ...listen, ...flags]);
    const [, address] = await server.says(/Listening on (127\S+);/);
    const [, secure] = await server.says(/Listening on (tls:\S+);/);
    const workers = () => childrenOf(server.child.pid);
    expect(workers()).toHaveLength(2);
    async function replace() {
      const told = server.said.length;
      const again = () => / serves again/.test(server.said.slice(told));
      process.kill(workers()[0]!, "SIGKILL");
      await until(again, "it is replaced");
      expect(workers()).toHaveLength(2);
    }
    await replace();
    {
      await using plain = await connect(address!, { retryFor: 10_000 });
      await expectEcho(plain, "hello");
      await using trusting = await connect(secure!, {
        tls: { insecure: true },
      });
      await expectEcho(trusting, "hello");
    }
    // As in the middle of an upgrade, or of one that went wrong.
    await unlink(file);
    await replace();
    await Bun.write(file, "no executable");
    await replace();
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(server.said).toEndWith("Stopped.\n");
  },
  60_000,
);
