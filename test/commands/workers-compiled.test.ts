import { expect, test } from "bun:test";
import { join } from "node:path";

import { connect } from "../../src/client/connect.ts";
import { Program, run } from "../support/cli.ts";
import { noProc } from "../support/child.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { temporaryFolder } from "../support/folder.ts";
import { childrenOf } from "../support/process.ts";
import { until } from "../support/until.ts";

test.skipIf(noProc)(
  "the executable has workers, replaces them, and drains",
  async () => {
    await using folder = await temporaryFolder();
    const script = join(import.meta.dir, "../../scripts/compile.ts");
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
    process.kill(workers()[0]!, "SIGKILL");
    await server.says(/worker \d: .* started again in 100 ms/);
    await until(() => workers().length === 2, "it is replaced");
    {
      await using plain = await connect(address!, { retryFor: 10_000 });
      await expectEcho(plain, "hello");
      await using trusting = await connect(secure!, {
        tls: { insecure: true },
      });
      await expectEcho(trusting, "hello");
    }
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(server.said).toEndWith("Stopped.\n");
  },
  60_000,
);
