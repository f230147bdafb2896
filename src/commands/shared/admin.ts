import { hostname } from "node:os";

import { version } from "../../../package.json" with { type: "json" };
import { type Endpoint, formatEndpoint } from "../../address/endpoint.ts";
import type { AdminOptions } from "../../admin/admin.ts";
import type { Log } from "./log.ts";
import type { Serving, ServingFlags } from "./serving.ts";

/** Serves the admin pages, if asked to; if that fails, the server is stopped. */
export async function administer(
  server: Serving,
  flags: Pick<ServingFlags, "admin" | "adminHost">,
  unready: AdminOptions["source"]["unready"],
  more: Partial<Pick<AdminOptions, "faults" | "token">> = {},
) {
  if (flags.admin === undefined) return undefined;
  // Its pages and metrics take longer to load than all the rest.
  const { startAdmin } = await import("../../admin/admin.ts");
  try {
    return await startAdmin({
      address: flags.admin,
      version,
      ...more,
      title: [hostname(), ...server.addresses.map(formatEndpoint)].join(" "),
      hosts: flags.adminHost ?? [],
      source: {
        unready,
        counts: async () => server.counts(),
        snapshot: async (query) => server.snapshot(query),
      },
    });
  } catch (error) {
    await server.stop({ drainTimeout: 0 });
    throw error;
  }
}

/** Tells where the pages are: for a browser, or for curl's --unix-socket. */
export function tellAdmin(endpoint: Endpoint, log: Log): void {
  const address = formatEndpoint(endpoint);
  const place = endpoint.kind === "unix" ? address : `http://${address}/`;
  log.note("admin", `admin pages at ${place}`, { address });
}
