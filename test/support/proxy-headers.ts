/** PROXY protocol headers, made by hand from the specification. */
interface Example {
  name: string;
  header: string | Buffer;
  source: { address: string; port: number } | undefined;
}

export const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

/** A header of version 2: commands 0x20 and 0x21 are LOCAL and PROXY. */
export function v2(
  command: number,
  family: number,
  ...block: Uint8Array[]
): Buffer {
  const rest = Buffer.concat(block);
  const fixed = [command, family, rest.length >> 8, rest.length & 255];
  return Buffer.concat([Buffer.from(SIGNATURE), Buffer.from(fixed), rest]);
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

/** 192.168.0.1:56324 → 192.168.0.11:443. */
export const PEER = hex("c0a80001 c0a8000b dc04 01bb");
const PEER_SOURCE = { address: "192.168.0.1", port: 56324 };

/** [2001:db8::1]:56324 → [2001:db8::2]:443. */
const PEER_V6 = hex(`
  20010db8 00000000 00000000 00000001
  20010db8 00000000 00000000 00000002
  dc04 01bb`);

function tlv(type: number, length: number): Buffer {
  const value = Buffer.alloc(length, 0xff);
  return Buffer.concat([Buffer.of(type, length >> 8, length & 255), value]);
}

/** A path of 108 bytes, padded. */
function path(text: string): Buffer {
  return Buffer.concat([Buffer.from(text), Buffer.alloc(108)]).subarray(0, 108);
}

const V1: Example[] = [
  {
    name: "the specification's example",
    header: "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
    source: PEER_SOURCE,
  },
  {
    name: "the longest line of TCP4",
    header: "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
    source: { address: "255.255.255.255", port: 65535 },
  },
  {
    name: "the least line of TCP4",
    header: "PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n",
    source: { address: "0.0.0.0", port: 0 },
  },
  {
    name: "the longest line of TCP6",
    header: `PROXY TCP6 ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535\r\n`,
    source: { address: `${"ffff:".repeat(7)}ffff`, port: 65535 },
  },
  {
    name: "an IPv6 address in another spelling",
    header: "PROXY TCP6 2001:0DB8:0:0:0:0:0:1 :: 56324 443\r\n",
    source: { address: "2001:db8::1", port: 56324 },
  },
  {
    name: "an IPv4 address among IPv6 ones",
    header: "PROXY TCP6 ::ffff:192.168.0.1 ::ffff:c0a8:b 56324 443\r\n",
    source: { address: "::ffff:192.168.0.1", port: 56324 },
  },
  {
    name: "UNKNOWN, the short form",
    header: "PROXY UNKNOWN\r\n",
    source: undefined,
  },
  {
    name: "UNKNOWN, the worst case",
    header: `PROXY UNKNOWN ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535\r\n`,
    source: undefined,
  },
  {
    name: "UNKNOWN with anything behind it",
    header: "PROXY UNKNOWN \xff\0 TCP4 \t\r\n",
    source: undefined,
  },
];

const V2: Example[] = [
  {
    name: "TCP over IPv4",
    header: v2(0x21, 0x11, PEER),
    source: PEER_SOURCE,
  },
  {
    name: "UDP over IPv4",
    header: v2(0x21, 0x12, PEER),
    source: PEER_SOURCE,
  },
  {
    name: "TCP over IPv6",
    header: v2(0x21, 0x21, PEER_V6),
    source: { address: "2001:db8::1", port: 56324 },
  },
  {
    name: "UDP over IPv6",
    header: v2(0x21, 0x22, PEER_V6),
    source: { address: "2001:db8::1", port: 56324 },
  },
  {
    name: "a Unix stream",
    header: v2(0x21, 0x31, path("/run/client"), path("/run/server")),
    source: undefined,
  },
  {
    name: "Unix datagrams",
    header: v2(0x21, 0x32, path("/run/client"), path("/run/server")),
    source: undefined,
  },
  {
    name: "an unspecified family",
    header: v2(0x21, 0x00),
    source: undefined,
  },
  {
    name: "an unspecified transport with addresses of any length",
    header: v2(0x21, 0x10, Buffer.alloc(5, 0xff)),
    source: undefined,
  },
  {
    name: "LOCAL",
    header: v2(0x20, 0x00),
    source: undefined,
  },
  {
    name: "LOCAL with an address",
    header: v2(0x20, 0x11, PEER),
    source: undefined,
  },
  {
    name: "LOCAL with a family that there is not",
    header: v2(0x20, 0xff, Buffer.alloc(7, 0xff)),
    source: undefined,
  },
  {
    name: "TLVs known and unknown, and an empty one",
    header: v2(
      0x21,
      0x11,
      PEER,
      tlv(0x04, 0),
      tlv(0x02, 17),
      tlv(0x20, 100),
      tlv(0xe0, 1),
      tlv(0xff, 5),
    ),
    source: PEER_SOURCE,
  },
  {
    name: "the longest header taken",
    header: v2(0x21, 0x11, PEER, tlv(0x04, 4096 - 16 - 12 - 3)),
    source: PEER_SOURCE,
  },
  {
    name: "what HAProxy sends with a checksum and a unique ID",
    header: hex(`
      0d0a0d0a000d0a515549540a 21 11 003a 7f000001 7f000001 cab2 9de7
      03 0004 ebe7870a
      05 0024 35333535633161382d623763622d34636630
              2d386636612d643634616532333839306261`),
    source: { address: "127.0.0.1", port: 51890 },
  },
  {
    name: "what HAProxy sends as a health check",
    header: hex("0d0a0d0a000d0a515549540a 20 00 0007 03 0004 a9b87e8f"),
    source: undefined,
  },
];

export const WELL_FORMED: Example[] = [...V1, ...V2];
