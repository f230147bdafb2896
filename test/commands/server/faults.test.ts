import { describe, expect, test } from "bun:test";

import { Program, run, sounder } from "../../support/cli.ts";
import { noProc } from "../../support/child.ts";
import { atPort, type Part } from "../../support/path-ends.ts";
import { noPython, peer } from "../../support/python.ts";
import { until } from "../../support/until.ts";

const PORT = /istening on 127\.0\.0\.1:(\d+)/;

async function started(...args: string[]) {
  const program = new Program(
    sounder("server", "127.0.0.1:0", "--reply=raw", ...args),
  );
  const json = args.includes("--log=json");
  const said = json ? /"127\.0\.0\.1:(\d+)"/ : PORT;
  const port = Number((await program.says(said))[1]);
  return { program, port };
}

function hello(): Part {
  return { send: [[0, "hello", 1]], lastly: "finish" };
}

describe.skipIf(noPython)("sounder server --fault", () => {
  test("tells each that acts, with its connection's number", async () => {
    const faults = ["--fault=drop 1 after 1", "--fault=reset after 3"];
    const { program, port } = await started(...faults);
    await using server = program;
    const { got, ended } = await atPort(port, hello());
    expect([String(got), ended]).toEqual(["hll", "ECONNRESET"]);
    await server.says(/faults: drop 1 after 1; reset after 3\n/);
    await server.says(/#1 drop 1 after 1: acts at byte 1\n/);
    await server.says(/#1 reset after 3: acts at byte 3\n/);
    await server.says(
      /#1 127\.0\.0\.1:\d+ closed after .*; a fault ended it, as was asked for \(fault\)\n/,
    );
  });

  test("as JSON", async () => {
    const { program, port } = await started("--log=json", "--fault=refuse");
    await using server = program;
    // Had it sent something, that might have met the reset.
    expect((await atPort(port, {})).ended).toBe("ECONNRESET");
    await server.says(
      /"event":"fault",.*"id":1,"fault":"refuse","offset":0\}\n/,
    );
  });

  test("backlog-full: who connects waits", async () => {
    const { program, port } = await started("--fault=backlog-full");
    await using server = program;
    const args = ["127.0.0.1", String(port), "2", "0.2"];
    const { stdout } = await run(peer("connects", ...args));
    expect(stdout).toBe("timeout\ntimeout\n");
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
  });

  test("a seed chooses the same connections again, another one others", async () => {
    async function refused(seed: number): Promise<string> {
      const flags = ["--fault=refuse on 50%", `--seed=${seed}`];
      const { program, port } = await started(...flags);
      await using server = program;
      // No sooner than the one before is over: so they keep their order.
      for (let n = 0; n < 10; n += 1) await atPort(port, hello());
      server.child.kill("SIGTERM");
      expect(await server.ended()).toBe(0);
      const acted = server.said.match(/#\d+ refuse on 50%/g) ?? [];
      expect(acted.length).toBeWithin(1, 10);
      return acted.join();
    }
    const one = await refused(3);
    expect(one).toBe(await refused(3));
    expect(one).not.toBe(await refused(4));
  });
});

describe.skipIf(noPython || noProc)("sounder server --workers --fault", () => {
  test("each of them makes it, and tells it with its own number", async () => {
    const flags = ["--workers=2", "--fault=reset after 3 on every 2nd"];
    const { program, port } = await started(...flags);
    await using server = program;
    const acted = () => server.said.match(/#(\d\.\d+) reset .*byte 3\n/g) ?? [];
    const byBoth = () =>
      ["1", "2"].every((worker) =>
        acted().some((line) => line.startsWith(`#${worker}.`)),
      );
    const ends: (string | null)[] = [];
    for (let n = 0; n < 40 && !byBoth(); n += 1) {
      ends.push((await atPort(port, hello())).ended);
    }
    expect(byBoth()).toBe(true);
    const resets = ends.filter((ended) => ended === "ECONNRESET").length;
    await until(() => acted().length === resets, "all are told");
    for (const line of acted()) {
      // Every second one of each worker.
      expect(Number(/\.(\d+)/.exec(line)![1]) % 2).toBe(0);
    }
  });
});
