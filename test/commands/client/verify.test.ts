import { describe, expect, test } from "bun:test";

import { run, sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { Pty } from "../../support/pty.ts";
import { until } from "../../support/until.ts";
import { addsAtTheEnd, flipsABit } from "../../villains/forgers.ts";
import { ignores } from "../../villains/mutes.ts";
import { type Faulty, drops, repeats } from "../../villains/faulty.ts";

const input = "0123456789".repeat(100_000);
const AT = 654_321;

const verify = (address: string) => sounder("client", "--verify", address);

test("sounder client --verify sums up on standard output", async () => {
  await using server = await echo();
  const { stdout, ...rest } = await run(verify(server.address), input);
  expect(rest).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(
    /^verified 1,000,000 bytes in [\d.]+ m?s, [\d.]+ [kM]?B\/s: all came back, in order\n$/,
  );
});

test("sounder client --verify is content with nothing", async () => {
  await using server = await echo();
  const { stdout, ...rest } = await run(verify(server.address));
  expect(rest).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^verified 0 bytes in [\d.]+ m?s, 0 B\/s: all came/);
});

describe("sounder client --verify finds out a server that", () => {
  const findsOut = (
    what: string,
    villain: () => Promise<Faulty>,
    told: string,
  ) =>
    test(what, async () => {
      await using server = await villain();
      expect(await run(verify(server.address), input)).toEqual({
        status: 1,
        stdout: "",
        stderr: `sounder: wrong answer from ${server.address}: ${told}\n`,
      });
    });

  const differs = `the first difference is at offset ${AT}`;
  findsOut(
    "flips a bit",
    () => flipsABit(AT),
    `${differs}: sent 0x31, got 0x30 (EMISMATCH)`,
  );
  findsOut(
    "drops a byte",
    () => drops(1, AT),
    `${differs}: sent 0x31, got 0x32 (EMISMATCH)`,
  );
  findsOut(
    "drops the last byte",
    () => drops(1, input.length - 1),
    "it ends at offset 999999, 1 byte short; our FIN was out by then: " +
      "the path may not keep half-close (EMISSING)",
  );
  findsOut(
    "repeats a byte",
    () => repeats(1, AT - 1),
    `${differs}: sent 0x31, got 0x30 (EMISMATCH)`,
  );
  findsOut(
    "adds bytes at the end",
    () => addsAtTheEnd("!?"),
    "from offset 1000000 on there is more than was sent, " +
      "beginning with 0x21 (ESURPLUS)",
  );

  test("stamps, and tells what to do", async () => {
    await using server = await echo("stamp");
    expect(await run(verify(server.address), input)).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `sounder: wrong answer from ${server.address}: the first difference ` +
        "is at offset 0: sent 0x30, got 0x5b; the server stamps: " +
        "it wants --reply raw (EMISMATCH)\n",
    });
  });
});

test("sounder client --verify shows its progress when it takes long", async () => {
  await using folder = await temporaryFolder();
  const file = folder.path("input");
  await Bun.write(file, input);
  await using server = await ignores();
  await using terminal = new Pty([
    "sh",
    "-c",
    'exec "$@" < "$0"',
    file,
    ...verify(server.address),
  ]);
  await terminal.prints("░ 0 %  0 B/s  ? left");
  await until(() => server.sockets.length > 0, "it is connected");
  server.sockets[0]!.resume();
  expect(await terminal.child.exited).toBe(0);
  await terminal.prints("in order");
  // The bar is gone; the summary is in its place.
  expect(terminal.screen.lines.join("")).toMatch(
    /^verified 1,000,000 bytes in .* all came back, in order$/,
  );
});
