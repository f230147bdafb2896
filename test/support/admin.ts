import { type Admin, startAdmin } from "../../src/admin/admin.ts";
import { formatEndpoint } from "../../src/address/endpoint.ts";
import type { FakeSource } from "./fake-source.ts";

/** Admin pages on a free port, and where they are. */
export async function adminOf(
  source: FakeSource,
  instead: { hosts?: string[]; title?: string } = {},
): Promise<Admin & { url: string }> {
  const admin = await startAdmin({
    address: "127.0.0.1:0",
    source,
    version: "1.2.3",
    ...instead,
  });
  return Object.assign(admin, {
    url: `http://${formatEndpoint(admin.address)}`,
  });
}
