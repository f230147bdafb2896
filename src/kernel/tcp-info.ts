import { ptr } from "bun:ffi";

import { cFunctions } from "./c-library.ts";

/** getsockopt(2), as Linux numbers it. */
const IPPROTO_TCP = 6;
const TCP_INFO = 11;

/** Of struct tcp_info, what Linux 4.19 has: linux/tcp.h. */
const LENGTH = 192;

/** tcpi_options: linux/tcp.h. */
const TCPI_OPT_TIMESTAMPS = 1;

/** tcpi_state: include/net/tcp_states.h. */
export const TCP_STATES = [
  "UNKNOWN",
  "ESTABLISHED",
  "SYN-SENT",
  "SYN-RECEIVED",
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "TIME-WAIT",
  "CLOSED",
  "CLOSE-WAIT",
  "LAST-ACK",
  "LISTEN",
  "CLOSING",
  "SYN-RECEIVED",
] as const;

/** A state of TCP, as RFC 9293 names it. */
export type TcpState = (typeof TCP_STATES)[number];

/** What the kernel knows of a TCP connection; tcp(7). */
export interface TcpInfo {
  state: TcpState;
  /** Smoothed round trip and the shortest one, in microseconds. */
  rtt: number;
  /** Undefined until one was measured. */
  minRtt: number | undefined;
  /** Whether each segment has a timestamp: RFC 7323. */
  timestamps: boolean;
  /** Retransmission timeout, in microseconds. */
  rto: number;
  /** Bytes of a segment that we send, and of the largest that came. */
  sendMss: number;
  receiveMss: number;
  /** The MSS that we announced. */
  advertisedMss: number;
  pathMtu: number;
  /** Segments, with and without data, retransmitted ones included. */
  segmentsIn: number;
  segmentsOut: number;
  dataSegmentsIn: number;
  dataSegmentsOut: number;
  /** Segments sent and not acknowledged yet. */
  unacked: number;
  /** Retransmissions in all, and in a row for the segment that is out now. */
  totalRetransmits: number;
  retransmits: number;
  /** Probes without an answer, of keepalive or of a closed window. */
  probes: number;
  bytesAcked: number;
  bytesReceived: number;
  /** Milliseconds since a segment came, with data or as an acknowledgement. */
  lastDataReceived: number;
  lastAckReceived: number;
}

type Getsockopt = (fd: number, into: Buffer, length: Uint32Array) => number;

let getsockopt: Getsockopt | null | undefined;

/** Null where it can't be had, such as off Linux. */
function load(): Getsockopt | null {
  if (process.platform !== "linux") return null;
  const c = cFunctions({
    getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  });
  return c === undefined
    ? null
    : (fd, into, length) =>
        c.getsockopt(fd, IPPROTO_TCP, TCP_INFO, ptr(into), ptr(length));
}

/**
 * What the kernel knows of a connection.
 * @param fd its descriptor
 * @returns undefined where it can't be told: off Linux, of what is no TCP
 * socket, of one that is closed
 */
export function tcpInfo(fd: number | undefined): TcpInfo | undefined {
  getsockopt ??= load();
  if (getsockopt === null || fd === undefined || fd < 0) return undefined;
  const info = Buffer.alloc(LENGTH);
  const length = Uint32Array.of(LENGTH);
  if (getsockopt(fd, info, length) !== 0) return undefined;
  // An older kernel, or one that only resembles it, knows less.
  return length[0]! < LENGTH ? undefined : read(info);
}

function read(info: Buffer): TcpInfo {
  const u32 = (offset: number) => info.readUInt32LE(offset);
  const u64 = (offset: number) => Number(info.readBigUInt64LE(offset));
  // All ones until there is one.
  const minRtt = u32(148);
  return {
    state: TCP_STATES[info.readUInt8(0)] ?? "UNKNOWN",
    retransmits: info.readUInt8(2),
    probes: info.readUInt8(3),
    timestamps: (info.readUInt8(5) & TCPI_OPT_TIMESTAMPS) !== 0,
    rto: u32(8),
    sendMss: u32(16),
    receiveMss: u32(20),
    unacked: u32(24),
    lastDataReceived: u32(52),
    lastAckReceived: u32(56),
    pathMtu: u32(60),
    rtt: u32(68),
    advertisedMss: u32(84),
    totalRetransmits: u32(100),
    bytesAcked: u64(120),
    bytesReceived: u64(128),
    segmentsOut: u32(136),
    segmentsIn: u32(140),
    minRtt: minRtt === 0xffffffff ? undefined : minRtt,
    dataSegmentsIn: u32(152),
    dataSegmentsOut: u32(156),
  };
}
