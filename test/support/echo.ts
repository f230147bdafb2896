import type { Server } from "../../src/server/public.ts";
import { startServer } from "../../src/server/server.ts";
import { formatEndpoint } from "../../src/address/endpoint.ts";

/** An echo server in this process, and its first address. */
export async function echo(
  reply: "raw" | "stamp" = "raw",
  address = "127.0.0.1:0",
): Promise<Server & { address: string }> {
  const server = await startServer({ addresses: [address], reply });
  return Object.assign(server, {
    address: formatEndpoint(server.addresses[0]!),
  });
}
