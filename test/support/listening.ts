import { Program, sounder } from "./cli.ts";

/** A server as a process of its own, which listens, and its first address. */
export async function listening(
  ...args: string[]
): Promise<Program & { address: string }> {
  const server = new Program(sounder("server", "127.0.0.1:0", ...args));
  const [, address] = await server.says(/Listening on (\S+);/);
  return Object.assign(server, { address: address! });
}
