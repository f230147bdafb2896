import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";

import { formatEndpoint, parseEndpoint } from "../../src/address/endpoint.ts";
import { Caller } from "../support/caller.ts";
import { noProc } from "../support/child.ts";
import { Program, sounder } from "../support/cli.ts";
import { measure } from "../support/load.ts";
import { serving } from "../support/serving.ts";

const MiB = 2 ** 20;

test.skipIf(noProc)(
  "1,000 connections through a proxy: nothing is lost or mixed up",
  async () => {
    await using server = await serving();
    const target = formatEndpoint(server.endpoint);
    await using proxy = new Program(
      sounder("proxy", "127.0.0.1:0", target, "--log", "text"),
    );
    const [, address] = await proxy.says(/istening on ([\d.:]+)/);
    await using stalled = await Caller.dial(parseEndpoint(address!));
    stalled.pause();
    stalled.send(new Uint8Array(128 * MiB));
    const result = await measure(address!, {
      connections: 1000,
      until: { messages: 20_000 },
    });
    expect(result.connections).toMatchObject({ opened: 1000, lost: 0 });
    expect(result.messages.unanswered).toBe(0);
    expect(result.bytes.mismatched).toBe(0);
    expect(result.errors).toEqual({});
    const status = readFileSync(`/proc/${proxy.child.pid}/status`, "utf8");
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) * 1024;
    expect(peak).toBeLessThan(150 * MiB);
    // It has stalled all along, and nobody else.
    expect(stalled.owing).toBeGreaterThan(0);
  },
);
