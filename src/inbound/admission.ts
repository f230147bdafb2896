import { BlockList, isIPv4 } from "node:net";

import { plainHost } from "../address/endpoint.ts";
import { SounderError } from "../errors/errors.ts";
import { formatIp, parseIp } from "../address/ip.ts";

/** Whom a server lets in. */
export interface AdmissionOptions {
  /**
   * CIDR blocks or addresses: nobody else is let in. With PROXY headers, these
   * are the proxies; whom they speak for is not asked.
   */
  allow?: readonly string[] | undefined;
  /** CIDR blocks or addresses that are not let in, whoever is allowed. */
  deny?: readonly string[] | undefined;
}

/** Blocks of addresses. Those of IPv6 hold no IPv4 address, unlike Bun's. */
export class Blocks {
  private readonly v4 = new BlockList();
  private readonly v6 = new BlockList();

  /** @param length how many bits all of the block begin with */
  add(address: string, length: number): void {
    // IPv4 written as IPv6: ::ffff:10.0.0.0/104.
    const plain = plainHost(formatIp(parseIp(address)!));
    if (isIPv4(address)) this.v4.addSubnet(address, length, "ipv4");
    else if (isIPv4(plain) && length >= 96) this.add(plain, length - 96);
    else this.v6.addSubnet(address, length, "ipv6");
  }

  /** @param address as a socket tells it */
  has(address: string): boolean {
    const host = plainHost(address);
    return isIPv4(host)
      ? this.v4.check(host, "ipv4")
      : this.v6.check(host, "ipv6");
  }
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or a single address.
 * @throws SounderError `ECIDR`
 */
export function parseBlocks(texts: readonly string[]): Blocks {
  const blocks = new Blocks();
  for (const text of texts) {
    const [, address = "", prefix] =
      /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const bits = parseIp(address)?.length === 4 ? 32 : 128;
    const length = Number(prefix ?? bits);
    if (parseIp(address) === undefined || length > bits) {
      throw new SounderError(
        `"${text}" is not a block of addresses, such as 10.0.0.0/8`,
        "ECIDR",
      );
    }
    blocks.add(address, length);
  }
  return blocks;
}

/** Which addresses are let in. */
export class Admission {
  private readonly allow: Blocks | undefined;
  private readonly deny: Blocks | undefined;

  /**
   * @param proxied whether `allow` is about proxies, and not about connections
   * @throws SounderError `ECIDR`
   */
  constructor(
    { allow, deny }: AdmissionOptions,
    private readonly proxied = false,
  ) {
    this.allow = allow && parseBlocks(allow);
    this.deny = deny && parseBlocks(deny);
  }

  isAllowed(address: string): boolean {
    return this.allow?.has(address) ?? true;
  }

  /** Whether a connection of that address is not let in. */
  denies(address: string): boolean {
    if (this.deny?.has(address)) return true;
    return !this.proxied && !this.isAllowed(address);
  }
}
