import { type ServerOptions, startServer } from "../../src/index.ts";
import { formatEndpoint } from "../../src/address/endpoint.ts";

type Reply = NonNullable<ServerOptions["reply"]>;

/** An echo server in a process of its own, so that it does not use our core. */
export async function echoServer(
  reply: Reply = "raw",
): Promise<Disposable & { address: string }> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = Bun.spawn([process.execPath, import.meta.path, reply], {
    ipc: resolve,
  });
  return { address: await promise, [Symbol.dispose]: () => server.kill() };
}

if (import.meta.main) {
  const { addresses } = await startServer({
    addresses: ["127.0.0.1:0"],
    reply: process.argv[2] as Reply,
  });
  process.send!(formatEndpoint(addresses[0]!));
}
