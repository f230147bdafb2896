import { type Villain, villain } from "../villains/villain.ts";
import { sounder } from "./cli.ts";
import { Pty } from "./pty.ts";

/** A client at a terminal, with its prompt there. */
export async function conversation(address: string): Promise<Pty> {
  const terminal = new Pty(sounder("client", address));
  await terminal.shows(
    `Connected to ${address}. An empty line, or Ctrl-D, ends.`,
    ">",
  );
  return terminal;
}

/** A server whose words the test chooses; what it heard, byte by byte, is in `heard`. */
export async function puppet(): Promise<Villain & { heard(): string }> {
  let heard = "";
  const server = await villain((socket) => {
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
    socket.on("end", () => socket.end());
  });
  return Object.assign(server, { heard: () => heard });
}
