import { isIPv4, isIPv6 } from "node:net";

function parseV4(text: string): Buffer {
  return Buffer.from(text.split(".").map(Number));
}

/** `c0000201` from `c000:201` and from `192.0.2.1`. */
function hexOf(groups: string): string {
  if (groups === "") return "";
  const hex = (group: string) =>
    isIPv4(group) ? parseV4(group).toString("hex") : group.padStart(4, "0");
  return groups.split(":").map(hex).join("");
}

/**
 * The 4 or 16 bytes of an IP address, in network order; undefined if the text
 * is not one.
 */
export function parseIp(text: string): Buffer | undefined {
  if (isIPv4(text)) return parseV4(text);
  // isIPv6 takes a zone, too.
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const [head = "", tail = ""] = text.split("::").map(hexOf);
  return Buffer.from(head + tail.padStart(32 - head.length, "0"), "hex");
}

const MAPPED = Buffer.from("00000000000000000000ffff", "hex");

/** An IPv4 address among IPv6 ones: `::ffff:a.b.c.d`. */
export function mapped(ip: Buffer): Buffer {
  return ip.length === 4 ? Buffer.concat([MAPPED, ip]) : ip;
}

/** The one spelling of an address that sockets tell it in: RFC 5952. */
export function formatIp(ip: Buffer): string {
  if (ip.length === 4) return ip.join(".");
  if (ip.subarray(0, 12).equals(MAPPED)) {
    return `::ffff:${ip.subarray(12).join(".")}`;
  }
  const groups = ip.toString("hex").replaceAll(/.{4}(?=.)/g, "$&:");
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
