import { expect, test } from "bun:test";

import { Program, run, sounder } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { peerProgram } from "../support/peer.ts";

const python = peerProgram("python3");

/** The tutorial's client: a socket, and a line at a time. */
const CLIENT = `
import socket, sys
client = socket.socket()
client.connect(("127.0.0.1", int(sys.argv[1])))
for line in ["hello", "is anybody there?"]:
    client.send(line.encode())
    print(client.recv(1024).decode())
client.close()
`;

test.skipIf(python === undefined)(
  "the tutorial's client is drawn by our server",
  async () => {
    await using folder = await temporaryFolder();
    const file = folder.path("server.txt");
    await using server = new Program(
      sounder("server", "127.0.0.1:0", "--diagram", file),
    );
    const [, port] = await server.says(/Listening on 127\.0\.0\.1:(\d+)/);
    const { stdout } = await run([python!, "-c", CLIENT, port!]);
    expect(stdout).toMatch(/^\[.{24}\] hello\n\[.{24}\] is anybody there\?\n$/);
    await server.says(/closed after/);
    server.child.kill("SIGINT");
    expect(await server.ended()).toBe(0);
    const text = await Bun.file(file).text();
    for (const step of [
      "(3) listen",
      "(8) accept",
      "read 5 bytes",
      "write 44 bytes",
    ]) {
      expect(text).toContain(step);
    }
    expect(text).toContain("The client closed first");
  },
);
