import type { Endpoint } from "../../src/address/endpoint.ts";
import { Program } from "./cli.ts";
import { peerProgram } from "./peer.ts";

const program = peerProgram("socat");

/** Whether tests with socat are skipped. */
export const noSocat = program === undefined;

/**
 * socat in front of one server, with a process for each connection.
 * @param flags before its addresses, such as `-t5`
 */
export function socat(
  server: Endpoint,
  ...flags: string[]
): Promise<AsyncDisposable & { endpoint: Endpoint }> {
  const target =
    server.kind === "unix"
      ? `UNIX-CONNECT:${server.path}`
      : `TCP:${server.host}:${server.port}`;
  return socatTo(target, ...flags);
}

/** @param address one of its own, such as `EXEC:cat`: an echo server */
export async function socatTo(
  address: string,
  ...flags: string[]
): Promise<AsyncDisposable & { endpoint: Endpoint }> {
  const host = "127.0.0.1";
  const listening = `TCP-LISTEN:0,bind=${host},fork,reuseaddr`;
  const command = [program!, "-d", "-d", ...flags, listening, address];
  const running = new Program(command);
  const [, port] = await running.says(/listening on AF=2 [\d.]+:(\d+)/);
  return {
    endpoint: { kind: "tcp", host, port: Number(port) },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
