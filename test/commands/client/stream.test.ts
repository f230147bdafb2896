import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";

import { Program, redirected, run, sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { noPython, peer } from "../../support/python.ts";
import { until } from "../../support/until.ts";
import { hoards } from "../../villains/hoarders.ts";
import { ignores } from "../../villains/mutes.ts";

const payload = randomBytes(128 * 1024 * 1024);
const digest = Bun.SHA1.hash(payload, "hex");

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  file = folder.path("payload");
  await Bun.write(file, payload);
});

afterAll(() => folder[Symbol.asyncDispose]());

/** A shell script that is given a command as its arguments. */
function script(text: string, command: string[]): string[] {
  return ["sh", "-c", text, file, ...command];
}

describe("sounder client streams", () => {
  test("a file to a file", async () => {
    await using server = await echo();
    const copy = folder.path("copy");
    const command = sounder("client", server.address);
    expect(await run(redirected(`< ${file} > ${copy}`, command))).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
    const copied = await Bun.file(copy).bytes();
    expect(Bun.SHA1.hash(copied, "hex")).toBe(digest);
  });

  test("a pipe to a pipe", async () => {
    await using server = await echo();
    const command = sounder("client", server.address);
    const { stdout, stderr } = await run(
      script('cat "$0" | "$@" | sha1sum', command),
    );
    expect({ stdout, stderr }).toEqual({
      stdout: `${digest}  -\n`,
      stderr: "",
    });
  });

  test.skipIf(noPython)("pipes that do not block", async () => {
    await using server = await echo();
    const command = peer("nonblocking", ...sounder("client", server.address));
    const { stdout, stderr } = await run(
      script('cat "$0" | "$@" | sha1sum', command),
    );
    expect({ stdout, stderr }).toEqual({
      stdout: `${digest}  -\n`,
      stderr: "",
    });
  });

  test("nothing", async () => {
    await using server = await echo();
    expect(await run(sounder("client", server.address))).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("to a server that answers only at the end", async () => {
    await using server = await hoards();
    expect(await run(sounder("client", server.address), "hello")).toEqual({
      status: 0,
      stdout: "hello",
      stderr: "",
    });
  });

  test("what comes back as it comes, while its input is open", async () => {
    await using server = await echo();
    await using client = new Program(sounder("client", server.address));
    const answers = client.child.stdout.getReader();
    for (const word of ["hello", "again"]) {
      client.child.stdin.write(word);
      await client.child.stdin.flush();
      expect(String(Buffer.from((await answers.read()).value!))).toBe(word);
    }
    await client.child.stdin.end();
    expect(await client.ended()).toBe(0);
  });
});

describe("sounder client holds back", () => {
  /** A reader that begins once the file `go` is there. */
  const late = (go: string, reader: string) =>
    `{ until [ -e ${go} ]; do sleep 0.02; done; ${reader}; }`;

  test("the server, for a reader that is late, who misses nothing", async () => {
    await using server = await echo();
    const go = folder.path("go-1");
    const command = sounder("client", server.address);
    await using client = new Program(
      script(`"$@" < "$0" | ${late(go, "sha1sum")}`, command),
    );
    // Until every buffer on the way is full.
    const seen: number[] = [];
    await until(() => {
      seen.push(server.tally.bytes.in);
      return seen.at(-1)! > 0 && seen.at(-100) === seen.at(-1);
    }, "the server is held back");
    expect(seen.at(-1)).toBeLessThan(payload.length / 2);
    await Bun.write(go, "");
    expect(await client.child.stdout.text()).toBe(`${digest}  -\n`);
  });

  test("its end, for a reader that is late, who misses nothing", async () => {
    await using server = await echo();
    const go = folder.path("go-2");
    const command = sounder("client", server.address);
    await using client = new Program(
      script(`"$@" | ${late(go, "wc -c")}`, command),
    );
    const { stdin, stdout } = client.child;
    // A pipe is full with the first; the last are small.
    let sent = 0;
    for (const size of [65_536, 500, 7]) {
      stdin.write(payload.subarray(0, size));
      await stdin.flush();
      sent += size;
      await until(() => server.tally.bytes.out === sent, "it is answered");
    }
    await stdin.end();
    await until(() => server.tally.closed.FIN === 1, "the exchange is over");
    await Bun.write(go, "");
    expect((await stdout.text()).trim()).toBe(String(sent));
  });

  test("its input, for a server that is late", async () => {
    await using server = await ignores();
    const command = script(
      '{ cat "$0"; echo sent >&2; } | "$@" | sha1sum',
      sounder("client", server.address),
    );
    await using client = new Program(command);
    await until(() => server.sockets.length > 0, "the client connects");
    const [socket] = server.sockets;
    await until(() => socket!.readableFlowing === false, "it is ignored");
    expect(client.said).toBe("");
    socket!.resume();
    expect(await client.child.stdout.text()).toBe(`${digest}  -\n`);
    expect(client.said).toBe("sent\n");
  });
});
