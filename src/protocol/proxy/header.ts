/**
 * The PROXY protocol's header, versions 1 and 2: what a proxy says first about
 * the connection that it passes on. "The specification" is HAProxy's
 * doc/proxy-protocol.txt.
 */
import { crc32c } from "./crc32c.ts";
import { formatIp, mapped, parseIp } from "../../address/ip.ts";

/** One end of a TCP connection. */
export interface HostPort {
  address: string;
  port: number;
}

export type HeaderReading =
  | { state: "more" }
  | { state: "malformed"; why: string }
  | {
      state: "done";
      /** Undefined where the connection's own peer is meant, or unknown. */
      source: HostPort | undefined;
      /** How many bytes of the chunk belong to the header. */
      used: number;
    };

const V1_START = Buffer.from("PROXY ");
const V1_UNKNOWN = Buffer.from("PROXY UNKNOWN\r\n");
/** The specification's worst case, CRLF included. */
const V1_MAX = 107;
const V1_LINE =
  /^PROXY (?:UNKNOWN(?: [^\r]*)?|TCP([46]) (\S+) (\S+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4}))\r\n$/;

const V2_SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n");
const V2_FIXED = 16;
/**
 * The specification wants a header to fit into the least segment, 536 bytes,
 * but a length of up to 65,535 can be told, and a TLV with a client's
 * certificate goes beyond the 536. 4 KiB is what nginx takes, too.
 */
const V2_MAX = 4096;
const V2_LOCAL = 0x20;
const V2_PROXY = 0x21;
const V2_TCP4 = 0x11;
const V2_TCP6 = 0x21;
const TLV_FIXED = 3;
const TLV_CRC32C = 0x03;

const UNIX_PATH = 108;
/** The length of one address, by family and transport. */
const V2_ADDRESS: Record<number, number> = {
  [V2_TCP4]: 4,
  0x12: 4,
  [V2_TCP6]: 16,
  0x22: 16,
  0x31: UNIX_PATH,
  0x32: UNIX_PATH,
};

const MORE: HeaderReading = { state: "more" };
const NO_HEADER = malformed("it does not begin with a PROXY header");

function malformed(why: string): HeaderReading {
  return { state: "malformed", why };
}

/** Whether `bytes` begin with `start`, or may do so once there are more. */
function agrees(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function parseV1(bytes: Buffer): HeaderReading {
  if (!agrees(bytes, V1_START)) return NO_HEADER;
  const used = bytes.subarray(0, V1_MAX).indexOf("\n") + 1;
  if (used === 0) {
    return bytes.length < V1_MAX
      ? MORE
      : malformed(`its line does not end within ${V1_MAX} bytes`);
  }
  const match = V1_LINE.exec(bytes.toString("latin1", 0, used));
  if (match === null) return malformed("its line is not one of version 1");

  const [, family, source, destination, ...ports] = match;
  if (family === undefined) return { state: "done", source: undefined, used };
  const length = family === "4" ? 4 : 16;
  const [from, to] = [parseIp(source!), parseIp(destination!)];
  if (from?.length !== length || to?.length !== length) {
    return malformed(`its addresses are not both of IPv${family}`);
  }
  const [port, toPort] = ports.map(Number);
  if (port! > 65535 || toPort! > 65535) {
    return malformed("a port is beyond 65535");
  }
  return {
    state: "done",
    source: { address: formatIp(from), port: port! },
    used,
  };
}

/** A value within the header, and what it is. */
interface Tlv {
  type: number;
  start: number;
  end: number;
}

/** The TLVs from `at` on; undefined if they don't fill the header exactly. */
function readTlvs(header: Buffer, at: number): Tlv[] | undefined {
  const tlvs: Tlv[] = [];
  while (at + TLV_FIXED <= header.length) {
    const start = at + TLV_FIXED;
    const end = start + header.readUInt16BE(at + 1);
    tlvs.push({ type: header[at]!, start, end });
    at = end;
  }
  return at === header.length ? tlvs : undefined;
}

/** The checksum is that of the header with zeros in its own place. */
function sumIsRight(header: Buffer, { start, end }: Tlv): boolean {
  if (end - start !== 4) return false;
  const zeroed = Buffer.from(header).fill(0, start, end);
  return crc32c(zeroed) === header.readUInt32BE(start);
}

function parseV2(bytes: Buffer): HeaderReading {
  if (!agrees(bytes, V2_SIGNATURE)) return NO_HEADER;
  if (bytes.length < V2_FIXED) return MORE;
  const command = bytes[12]!;
  if (command !== V2_LOCAL && command !== V2_PROXY) {
    return malformed("it has neither command of version 2");
  }
  const family = bytes[13]!;
  if (command === V2_PROXY && (family >> 4 > 3 || (family & 0xf) > 2)) {
    return malformed("its address family or transport is not assigned");
  }
  const used = V2_FIXED + bytes.readUInt16BE(14);
  if (used > V2_MAX) return malformed(`it is longer than ${V2_MAX} bytes`);
  if (bytes.length < used) return MORE;

  const header = bytes.subarray(0, used);
  const length = V2_ADDRESS[family];
  const ports = length === undefined || length === UNIX_PATH ? 0 : 4;
  const tlvs = readTlvs(header, V2_FIXED + 2 * (length ?? 0) + ports);
  // What follows LOCAL or UNSPEC may be anything, but HAProxy puts TLVs there.
  const free = command === V2_LOCAL || length === undefined;
  if (!free && tlvs === undefined) {
    return malformed("its addresses and TLVs do not fill it exactly");
  }
  const sum = tlvs?.find(({ type }) => type === TLV_CRC32C);
  if (sum !== undefined && !sumIsRight(header, sum)) {
    return malformed("its checksum is wrong");
  }
  // A path is of no use where an IP address is looked for.
  if (free || length === UNIX_PATH) {
    return { state: "done", source: undefined, used };
  }
  return {
    state: "done",
    source: {
      address: formatIp(header.subarray(V2_FIXED, V2_FIXED + length)),
      port: header.readUInt16BE(V2_FIXED + 2 * length),
    },
    used,
  };
}

/** Reads one header from chunks that may be split anywhere. */
export class HeaderReader {
  private held: Buffer | undefined;

  /** To be called until it says something else than `more`. */
  read(chunk: Buffer): HeaderReading {
    const before = this.held?.length ?? 0;
    const bytes =
      this.held === undefined ? chunk : Buffer.concat([this.held, chunk]);
    const reading =
      bytes[0] === V2_SIGNATURE[0] ? parseV2(bytes) : parseV1(bytes);
    if (reading.state === "more") this.held = bytes;
    return reading.state === "done"
      ? { ...reading, used: reading.used - before }
      : reading;
  }
}

/** The header of a connection; without addresses, as over a Unix socket. */
export function encodeHeader(
  version: 1 | 2,
  source: HostPort | undefined,
  destination: HostPort | undefined,
): Buffer {
  const from = source && parseIp(source.address);
  const to = destination && parseIp(destination.address);
  if (from === undefined || to === undefined) {
    return version === 1 ? V1_UNKNOWN : encodeV2(V2_LOCAL, 0);
  }
  const v4 = from.length === 4 && to.length === 4;
  const ips = v4 ? [from, to] : [mapped(from), mapped(to)];
  const ports = [source!.port, destination!.port];
  if (version === 1) {
    const line = [
      "PROXY",
      v4 ? "TCP4" : "TCP6",
      ...ips.map(formatIp),
      ...ports,
    ];
    return Buffer.from(`${line.join(" ")}\r\n`);
  }
  const network = Buffer.alloc(4);
  network.writeUInt16BE(ports[0]!, 0);
  network.writeUInt16BE(ports[1]!, 2);
  return encodeV2(V2_PROXY, v4 ? V2_TCP4 : V2_TCP6, ...ips, network);
}

function encodeV2(command: number, family: number, ...block: Buffer[]): Buffer {
  const addresses = Buffer.concat(block);
  const fixed = Buffer.from([command, family, 0, addresses.length]);
  return Buffer.concat([V2_SIGNATURE, fixed, addresses]);
}
