import { BlockList, isIPv6 } from "node:net";

import { SounderError } from "../socket/errors.ts";
import { parseIp } from "../socket/ip.ts";
import { plainHost } from "../socket/endpoint.ts";

/** Why a connection was not let in. */
export type Refusal =
  "max-connections" | "max-connections-per-ip" | "deny" | "no-files";

/** Whom a server lets in. */
export interface AdmissionOptions {
  /** Connections at once. @default as many as open files allow */
  maxConnections?: number | undefined;
  /** Connections at once from one IPv4 address, or one IPv6 /64. */
  maxConnectionsPerIp?: number | undefined;
  /**
   * CIDR blocks or addresses: nobody else is let in. With PROXY headers, these
   * are the proxies; whom they speak for is not asked.
   */
  allow?: readonly string[] | undefined;
  /** CIDR blocks or addresses that are not let in, whoever is allowed. */
  deny?: readonly string[] | undefined;
}

function family(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or a single address.
 * @throws SounderError `ECIDR`
 */
export function parseBlocks(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [, address = "", prefix] =
      /^([^/]*)(?:\/(\d{1,3}))?$/.exec(block) ?? [];
    const bits = parseIp(address)?.length === 4 ? 32 : 128;
    const length = Number(prefix ?? bits);
    if (parseIp(address) === undefined || length > bits) {
      throw new SounderError(
        `"${block}" is not a block of addresses, such as 10.0.0.0/8`,
        "ECIDR",
      );
    }
    list.addSubnet(address, length, family(address));
  }
  return list;
}

/** Who one address counts as: whoever has an IPv6 host has its whole /64. */
function holderOf(address: string): string {
  return parseIp(plainHost(address))!.subarray(0, 8).toString("hex");
}

/** Lets connections in, or says why not. */
export class Admission {
  /** Whether there is a file for nobody. */
  starved = false;
  private readonly maxConnections: number;
  private readonly maxPerIp: number;
  private readonly allow: BlockList | undefined;
  private readonly deny: BlockList | undefined;
  private readonly perIp = new Map<string, number>();

  /**
   * @param proxied whether `allow` is about proxies, and not about connections
   * @throws SounderError `ECIDR`
   */
  constructor(
    options: AdmissionOptions,
    private readonly proxied = false,
  ) {
    const { allow, deny } = options;
    this.maxConnections = options.maxConnections ?? Infinity;
    this.maxPerIp = options.maxConnectionsPerIp ?? Infinity;
    this.allow = allow && parseBlocks(allow);
    this.deny = deny && parseBlocks(deny);
  }

  isAllowed(address: string): boolean {
    const host = plainHost(address);
    return this.allow?.check(host, family(host)) ?? true;
  }

  /**
   * Why a connection is not even looked at.
   * @param address undefined where there is none, or it is not known yet: the
   * peers of a Unix socket are its permissions' matter
   * @param open connections that there are
   */
  bar(address: string | undefined, open: number): Refusal | undefined {
    if (this.starved) return "no-files";
    if (open >= this.maxConnections) return "max-connections";
    if (address === undefined) return undefined;
    const host = plainHost(address);
    const denied = this.deny?.check(host, family(host)) ?? false;
    const stranger = !this.proxied && !this.isAllowed(host);
    return denied || stranger ? "deny" : undefined;
  }

  /** As bar(); if there is no reason, leave() must follow. */
  refusal(address: string | undefined, open: number): Refusal | undefined {
    const barred = this.bar(address, open);
    if (barred !== undefined) return barred;
    if (this.maxPerIp === Infinity || address === undefined) return undefined;
    const holder = holderOf(address);
    const count = this.perIp.get(holder) ?? 0;
    if (count >= this.maxPerIp) return "max-connections-per-ip";
    this.perIp.set(holder, count + 1);
    return undefined;
  }

  /** A connection that was let in is gone. */
  leave(address: string | undefined): void {
    if (this.maxPerIp === Infinity || address === undefined) return;
    const holder = holderOf(address);
    const count = this.perIp.get(holder)! - 1;
    if (count > 0) this.perIp.set(holder, count);
    else this.perIp.delete(holder);
  }
}
