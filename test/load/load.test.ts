import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { load } from "../../src/load/load.ts";
import { run } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { serving } from "../support/serving.ts";
import { until } from "../support/until.ts";

const SHORT = { messages: 200, connections: 4, warmup: 0 };

describe("load()", () => {
  test("returns the result, with a verdict", async () => {
    await using server = await serving();
    const goals = ["p50<10s", "errors<1%"];
    const options = { ...SHORT, goals, label: "mine" };
    const result = await load(server.addresses[0], options);
    expect(result).toMatchObject({
      kind: "load",
      verdict: "pass",
      label: "mine",
      messages: { sent: 200, received: 200, unanswered: 0 },
      options: { connections: 4, messages: 200, duration: null, workers: 1 },
    });
  });

  test("a fault of the server is its verdict", async () => {
    await using server = await serving({ faults: ["corrupt after 1000"] });
    const { verdict, bytes } = await load(server.addresses[0], {
      ...SHORT,
      reply: "raw",
    });
    expect(verdict).toBe("fail");
    expect(bytes.mismatched).toBeGreaterThan(0);
  });

  test("can be given up, at any time", async () => {
    await using server = await serving();
    const reason = new Error("enough");
    const abort = new AbortController();
    const options = { duration: 60_000, warmup: 0, signal: abort.signal };
    const measuring = load(server.addresses[0], options);
    measuring.catch(() => {});
    await until(() => server.tally.bytes.in > 10_000, "it measures");
    abort.abort(reason);
    expect(measuring).rejects.toBe(reason);
    await measuring.catch(() => {});
    await until(() => server.tally.connections.open === 0, "it has left");
    const signal = AbortSignal.abort(reason);
    expect(load(server.addresses[0], { signal })).rejects.toBe(reason);
  });

  test.each([
    [{ boo: 1 }, "there is no option boo"],
    [{ connections: 0 }, "connections is 0"],
    [{ connections: Infinity }, "connections is Infinity"],
    [{ size: 1.5 }, "size is 1.5"],
    [{ rate: -1 }, "rate is -1"],
    [{ rate: 1e10 }, "rate can be 1,000,000,000 at most"],
    [{ goals: ["p99<boo"] }, 'goals: "p99<boo" is not a goal'],
    [{ goals: "p99<2ms" }, 'goals is "p99<2ms"'],
    [{ arrivals: "poisson" }, "arrivals are poisson, but there is no rate"],
    [{ messages: 1, duration: 1 }, "messages and duration are given"],
    [{ tls: { insecure: true } }, "tls.insecure is given"],
    [{ pipeline: 2 ** 26, connections: 2 }, "connections times pipeline"],
    [{ signal: 7 }, "signal is 7"],
  ])("%j is refused", async (options, why) => {
    const refused = load("127.0.0.1:9", options as never);
    expect(refused).rejects.toThrow(`load(): ${why}`);
    expect(refused).rejects.toMatchObject({ code: "EOPTION" });
    await refused.catch(() => {});
  });

  test("names why a server can't be measured", () => {
    expect(load("127.0.0.1:1", SHORT)).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  test("workers are sounder, and not the script that wants them", async () => {
    await using server = await serving();
    await using folder = await temporaryFolder();
    const script = folder.path("mine.ts");
    const library = join(import.meta.dir, "../../src/index.ts");
    const options = { ...SHORT, workers: 2, reply: "raw" };
    await Bun.write(
      script,
      `import { load } from ${JSON.stringify(library)};
console.log("mine");
const address = { kind: "tcp", host: "127.0.0.1", port: ${server.port} };
const result = await load(address, ${JSON.stringify(options)});
console.log(result.verdict, result.options.workers, result.messages.received);
`,
    );
    expect(await run([process.execPath, script])).toEqual({
      status: 0,
      stdout: "mine\npass 2 200\n",
      stderr: "",
    });
  });
});
