import { spyOn } from "bun:test";
import dns from "node:dns/promises";

/** Makes every name stand for these addresses. */
export function resolvingTo(...addresses: string[]): Disposable {
  const found = addresses.map((address) => ({ address, family: 0 }));
  const lookup = spyOn(dns, "lookup");
  // Its overloads hide the one that answers with all addresses.
  lookup.mockResolvedValue(found as never);
  return lookup;
}

export function portOf(address: string): string {
  return address.slice(address.lastIndexOf(":") + 1);
}
