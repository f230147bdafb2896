import { expect, test } from "bun:test";

import { run, sounder } from "../support/cli.ts";
import { echo } from "../support/echo.ts";
import { peerProgram } from "../support/peer.ts";

const prlimit = peerProgram("prlimit");

test.skipIf(prlimit === undefined)(
  "a load whose workers can't be started says so in a line",
  async () => {
    await using target = await echo();
    const flags = ["--workers=12", "--connections=12", "--duration=1s"];
    const command = sounder("load", target.address, ...flags);
    expect(await run([prlimit!, "--nofile=24", ...command])).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "sounder: cannot start a worker process: " +
        "this process has too many files open (EMFILE)\n",
    });
  },
);
