import { describe, expect, test } from "bun:test";

import type { Result } from "../../../src/result/result.ts";
import { run, sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { complaintsOf } from "../../support/schema.ts";
import { addsAtTheEnd, flipsABit } from "../../villains/forgers.ts";
import { swallows } from "../../villains/mutes.ts";
import { servesAt } from "../../villains/serves-at.ts";
import { type Faulty, resetsAfter } from "../../villains/faulty.ts";

/** Runs a short load, and reads what it prints. */
async function load(address: string, ...flags: string[]) {
  const { status, stdout, stderr } = await run(
    sounder("load", address, "-c4", "--warmup=20ms", "--json=-", ...flags),
  );
  const result = stdout === "" ? undefined : (JSON.parse(stdout) as Result);
  return { status, result, stderr };
}

describe("sounder load", () => {
  test("tells a result as the published schema has it, and nothing else", async () => {
    await using server = await echo("stamp");
    const { status, result, stderr } = await load(server.address, "-n2k");
    expect(status).toBe(0);
    expect(stderr).toBe("");
    expect(complaintsOf(result)).toEqual([]);
    expect(result).toMatchObject({
      target: `tcp://${server.address}`,
      reply: "stamp",
      messages: { sent: 2000, received: 2000, unanswered: 0 },
      command: `sounder load ${server.address} -c4 --warmup=20ms --json=- -n2k`,
    });
  });

  test("calls its result what it is told to", async () => {
    await using server = await echo();
    const label = "v1.3, behind the proxy";
    const { result } = await load(server.address, "-n100", "--label", label);
    expect(result!.label).toBe(label);
    const { stdout } = await run(
      sounder("report", "-"),
      JSON.stringify(result),
    );
    expect(stdout.split("\n\n")[0]!.replaceAll("\n", " ")).toContain(
      `· ${label} · from ${result!.host!.name}, `,
    );
  });

  test("spreads connections and messages over workers", async () => {
    await using server = await echo();
    for (const flags of [["-n1001"], ["-n1001", "-r5k"]]) {
      const { status, result } = await load(
        server.address,
        "--workers=3",
        "-p2",
        ...flags,
      );
      expect(status).toBe(0);
      expect(complaintsOf(result)).toEqual([]);
      expect(result).toMatchObject({
        options: { connections: 4, workers: 3 },
        connections: { planned: 4, opened: 4, lost: 0 },
        messages: { sent: 1001, received: 1001, unanswered: 0 },
        latency: { count: 1001 },
      });
      expect(result!.series).toHaveLength(1);
    }
  });

  test("keeps a rate below one a second", async () => {
    await using server = await echo();
    const { status, result } = await load(server.address, "-n2", "-r0.8");
    expect(status).toBe(0);
    expect(result).toMatchObject({
      options: { rate: 0.8 },
      rate: { planned: 0.8 },
      messages: { sent: 2, received: 2 },
    });
    // The second is due 1.25 s after the first.
    expect(result!.seconds).toBeGreaterThan(1.2);
  });

  test("keeps the rate with several workers", async () => {
    await using server = await echo();
    const { result } = await load(
      server.address,
      "--workers=2",
      "-r1k",
      "-d300ms",
    );
    // Each worker's first and last may fall on either side of the end.
    expect(result!.messages.sent).toBeWithin(297, 304);
    expect(result!.messages.received).toBe(result!.messages.sent);
  });

  test("--find-rate tells each rate it tried, and the highest that is met", async () => {
    await using server = await servesAt(500);
    const { status, result, stderr } = await load(
      server.address,
      "--find-rate",
      "--goal=p90<250ms",
      "-d300ms",
    );
    // How much this machine can do is not asked here, nor whether it finds it.
    const { verdict, search, options, reasons } = result!;
    expect({ status, stderr: stderr !== "" }).toEqual(
      verdict === "pass"
        ? { status: 0, stderr: false }
        : { status: 1, stderr: true },
    );
    expect(complaintsOf(result)).toEqual([]);
    const { rate, steps } = search!;
    expect(steps).toEqual(steps.toSorted((a, b) => a.rate - b.rate));
    expect(steps.some((step) => !step.met)).toBe(true);
    const met = steps.filter((step) => step.met).map((step) => step.rate);
    expect(rate).toBe(Math.max(...met, 0));
    expect(rate).toBeLessThan(600);
    expect(verdict).toBe(rate > 0 ? "pass" : "fail");
    expect(reasons!.length > 0).toBe(rate === 0);
    expect(options).toMatchObject({ rate: rate || steps[0]!.rate });
    expect(options.duration).toBe(0.3);
  });

  test("passes or fails by its goals", async () => {
    await using server = await echo();
    const flags = ["-n100", "--goal=p50<10s", "--goal", "errors<1%"];
    const met = await load(server.address, ...flags);
    expect(met.status).toBe(0);
    const missed = await load(server.address, ...flags, "--goal=max<1us");
    expect(missed.status).toBe(1);
    expect(missed.result!.goals.map((goal) => goal.met)).toEqual([
      true,
      true,
      false,
    ]);
    expect(complaintsOf(missed.result)).toEqual([]);
  });

  const villains: Record<string, [() => Promise<Faulty>, string]> = {
    "changes a byte": [() => flipsABit(700), "EMISMATCH"],
    "sends more than it got": [() => addsAtTheEnd("surplus"), "EMISMATCH"],
    "resets connections": [() => resetsAfter(640), "ECONNRESET"],
    "answers nothing": [swallows, "ETIMEDOUT"],
  };
  for (const [name, [start, code]] of Object.entries(villains)) {
    test(`exits with 1 when a server ${name}`, async () => {
      await using villain = await start();
      const { status, result, stderr } = await load(
        villain.address,
        "--reply=raw",
        "-n100",
        "--timeout=200ms",
        "--no-reconnect",
        "--warmup=0s",
      );
      expect(status).toBe(1);
      expect(stderr).toMatch(/^FAIL {2}[^\n]+\n$/);
      expect(result!.verdict).toBe("fail");
      expect(result!.errors).toEqual({ [code]: expect.any(Number) });
      expect(complaintsOf(result)).toEqual([]);
    });
  }

  test("says in a line what it could not do", async () => {
    const gone = await echo();
    await gone.stop();
    await using mute = await swallows();
    expect(await load(gone.address)).toEqual({
      status: 1,
      result: undefined,
      stderr: expect.stringMatching(
        /^sounder: cannot connect to 127\.0\.0\.1:\d+: .*\(ECONNREFUSED\)\n$/,
      ),
    });
    expect(await load(mute.address, "--timeout=100ms")).toEqual({
      status: 1,
      result: undefined,
      stderr:
        `sounder: ${mute.address} does not echo: ` +
        "it does not answer; see --reply (ETIMEDOUT)\n",
    });
  });

  test("tells a mistake in its command line, and exits with 2", async () => {
    const mistakes: Record<string, string> = {
      "-n5 -d1s": "cannot be used with",
      "-c0": '"0" is less than 1',
      "--workers=0": '"0" is less than 1',
      "--find-rate": "--find-rate wants a --goal",
      "--find-rate --goal=p99<1ms -r5": "cannot be used with option '-r,",
      "--find-rate --goal=p99<1ms -n5": "cannot be used with option '-n,",
      "--goal=fast": '"fast" is not a goal',
      "--arrivals=never": "never",
      "-c100k -p100k": "--connections times --pipeline",
      "-r9007199254740991": "--rate can be 1,000,000,000 at most",
      "-r1001M": "--rate can be 1,000,000,000 at most",
      "-s9007199254740991": "--size times --connections times --pipeline",
      "-s1GiB -p1M -c2": "--size times --connections times --pipeline",
      "--json=a --html=a": "are one file: each wants one of its own",
      "--json=- --html=-": "can't both go to standard output",
    };
    for (const [flags, why] of Object.entries(mistakes)) {
      const command = sounder("load", "127.0.0.1:1", ...flags.split(" "));
      const { status, stdout, stderr } = await run(command);
      expect({ flags, status, stdout }).toEqual({
        flags,
        status: 2,
        stdout: "",
      });
      expect(stderr).toContain(why);
      expect(stderr.match(/\n/g)).toHaveLength(1);
    }
  });
});
