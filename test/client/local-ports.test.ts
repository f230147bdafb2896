import { describe, expect, test } from "bun:test";

import { run } from "../support/cli.ts";
import {
  noFewPorts,
  noIpv6Switch,
  withFewPorts,
  withoutIpv6,
} from "../support/network.ts";

const REFUSED =
  "cannot connect to 127.0.0.1:40000: " +
  "nothing listens there, or no route leads there (ECONNREFUSED)\n";

describe.skipIf(noFewPorts)("a connection to itself", () => {
  // One of four ports is the one that is dialled: each is chosen in its turn.
  test("is no server to sounder client", async () => {
    const { status, stdout, stderr } = await run(
      withFewPorts(`for round in 1 2 3 4 5 6 7 8 9 10 11 12; do
        echo hello | "$@" client --verify 127.0.0.1:40000 && exit 0
      done
      exit 1`),
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toBe(`sounder: ${REFUSED}`.repeat(12));
  }, 30_000);

  test("is tried again as a refusal is", async () => {
    const { status, stderr } = await run(
      withFewPorts(`for round in 1 2 3 4; do
        echo hello | "$@" client --trace --retry-for 300ms 127.0.0.1:40000 || :
      done
      exit 1`),
    );
    expect(status).toBe(1);
    const tries = stderr.match(/failed +nothing listens there.*/g)!;
    const given = stderr.match(/^sounder: .*$/gm)!;
    expect(given.length).toBe(4);
    expect(tries.length).toBeGreaterThan(2 * given.length);
    expect(stderr).not.toContain("connected");
  }, 30_000);

  test("is no server to sounder load, once it is gone", async () => {
    const { stdout } = await run(
      withFewPorts(`"$@" server 127.0.0.1:40000 --reply raw --log off & server=$!
      "$@" client --retry-for 10s 127.0.0.1:40000 < /dev/null
      { sleep 1; kill -KILL $server; } &
      "$@" load -c 2 -d 3s --reply raw --warmup 0s --json - 127.0.0.1:40000 || :`),
    );
    const { series, errors } = JSON.parse(stdout) as {
      series: { second: number; messages: number }[];
      errors: Record<string, number>;
    };
    expect(series[0]!.messages).toBeGreaterThan(0);
    expect(series.at(-1)!.messages).toBe(0);
    expect(errors["ECONNREFUSED"]).toBeGreaterThan(0);
    expect(errors).not.toHaveProperty("EMISMATCH");
  }, 30_000);
});

describe.skipIf(noFewPorts)("without a local port left", () => {
  test.each(["client", "load"])(
    "%s says so, and does not blame the address",
    async (command) => {
      const { status, stderr } = await run(
        withFewPorts(`"$@" server 127.0.0.1:7 --reply raw --log off & server=$!
        "$@" client --retry-for 10s 127.0.0.1:7 < /dev/null
        "$@" load -c 4 -d 10s 127.0.0.1:7 > /dev/null 2>&1 & load=$!
        until [ $(ss -Htn state established dport = 7 | wc -l) = 4 ]; do
          sleep 0.05
        done
        status=0
        "$@" ${command} 127.0.0.1:7 < /dev/null || status=$?
        kill $server $load
        exit $status`),
      );
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr:
          "sounder: cannot connect to 127.0.0.1:7: " +
          "no local port is left (EADDRNOTAVAIL)\n",
      });
    },
    30_000,
  );
});

describe.skipIf(noFewPorts)("where local ports run out in a load", () => {
  test("its page and its verdict say so alone", async () => {
    const { status, stdout, stderr } = await run(
      withFewPorts(`"$@" server 127.0.0.1:7 --reply raw --log off & server=$!
      "$@" client --retry-for 10s 127.0.0.1:7 < /dev/null
      status=0
      "$@" load -c 6 -d 1s --warmup 0s 127.0.0.1:7 || status=$?
      kill $server
      exit $status`),
    );
    expect(status, stderr).toBe(1);
    const told = `${stdout}\n${stderr}`;
    expect(told).toMatch(/EADDRNOTAVAIL +[\d,]+ +no local port is left\n/);
    expect(told).toMatch(/× EADDRNOTAVAIL \(no local port is left\)/);
    expect(told).not.toContain("no such address");
  }, 30_000);
});

describe.skipIf(noIpv6Switch)("without IPv6", () => {
  test("client says that there is no address to come from", async () => {
    expect(await run(withoutIpv6("client", "[::1]:7"))).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "sounder: cannot connect to [::1]:7: " +
        "this machine has no IPv6 address (EADDRNOTAVAIL)\n",
    });
  });
});
