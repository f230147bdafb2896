import type { TcpInfo } from "../../../kernel/tcp-info.ts";
import type { Connection } from "../../../client/connection.ts";
import type { Conversation } from "../../conversation.ts";
import type { Path } from "../../path.ts";

/** Whom a segment goes to. */
export type Direction = "to-server" | "to-client";

/**
 * What became of one segment, alone on its way:
 * - `passed`: it was acknowledged, or came.
 * - `lost`: it was sent again twice, and is not acknowledged; or does not come.
 * - `unknown`: it was no single segment, or the connection ended.
 */
export type Fate = "passed" | "lost" | "unknown";

/** After so many retransmissions a segment is lost: 0.6 s, where it is near. */
const RETRANSMITS = 2;
/** How long a segment of the server's is awaited: it is sent again at 0.2 and 0.6 s. */
const COMES_WITHIN = 800;
/** Small enough for any path: RFC 879's default MSS. */
const SMALL = 400;
const LOOK_EVERY = 5;

/** What a path's segments look like. */
export interface Segments {
  /** Bytes of TCP in a full segment, and of IP around it. */
  full: number;
  headers: number;
  pathMtu: number;
  /** What TLS adds to what is written. */
  record: number;
}

/** Bytes of the headers of IPv4, IPv6 and TCP, and of TCP's timestamps. */
const IPV4 = 20;
const IPV6 = 40;
const TCP = 20;
const TIMESTAMPS = 12;

export function segmentsOf(
  { sendMss, pathMtu, timestamps }: TcpInfo,
  { tls, remoteAddress = "" }: Connection,
): Segments {
  const isV6 = remoteAddress.includes(":") && !remoteAddress.includes(".");
  const headers = (isV6 ? IPV6 : IPV4) + TCP + (timestamps ? TIMESTAMPS : 0);
  return { full: sendMss, headers, pathMtu, record: recordBytes(tls?.version) };
}

/** What TLS adds to what is written, in bytes: RFC 8446, 5.2; RFC 5288. */
function recordBytes(version: string | undefined): number {
  if (version === undefined) return 0;
  return version === "TLSv1.3" ? 22 : 29;
}

/** Writes so many bytes of TCP as one segment, and sees what becomes of it. */
export async function sendSegment(
  path: Path,
  bytes: number,
  { record }: Segments,
): Promise<{ up: Fate; down: Fate }> {
  const conversation = await path.open();
  using _left = leaving(conversation);
  const { connection } = conversation;
  const { timeout } = path.reach;
  // What a new connection has on its way is in.
  const small = Buffer.from("sounder\n");
  await conversation.exchange(small, timeout);
  const payload = payloadOf(bytes - record);
  await acknowledged(path, conversation);
  const before = connection.tcpInfo();
  if (before === undefined || before.sendMss < bytes) {
    return { up: "unknown", down: "unknown" };
  }
  const whole = connection.bytesReceived + payload.length;
  await conversation.write(payload);
  const up = await acknowledged(path, conversation);
  if (up !== "passed") return { up, down: "unknown" };
  const back = await comesBack(conversation, whole);
  return { up, down: back };
}

/** Lines, since some servers answer only those; without a stamp's opening. */
function payloadOf(bytes: number): Buffer {
  const payload = Buffer.alloc(Math.max(bytes, 1), "x");
  payload[payload.length - 1] = 0x0a;
  return payload;
}

/** Until nothing is on its way any more. */
async function acknowledged(
  path: Path,
  { connection }: Conversation,
): Promise<Fate> {
  const until = performance.now() + path.reach.timeout;
  for (;;) {
    const info = connection.tcpInfo();
    if (info === undefined) return "unknown";
    if (info.unacked === 0) return "passed";
    if (info.retransmits >= RETRANSMITS) return "lost";
    if (performance.now() > until) return "unknown";
    await path.wait(LOOK_EVERY);
  }
}

/** @param bytes that are there in all then */
async function comesBack(
  conversation: Conversation,
  bytes: number,
): Promise<Fate> {
  const until = performance.now() + COMES_WITHIN;
  const { connection } = conversation;
  try {
    // Bytes are counted as they come: whatever they are, they have passed.
    while (connection.bytesReceived < bytes) {
      const left = until - performance.now();
      const chunk = await conversation.readAsItIs(left);
      if (chunk === undefined) return "unknown";
    }
    return "passed";
  } catch (error) {
    return (error as { code?: string }).code === "ETIMEDOUT"
      ? "lost"
      : "unknown";
  }
}

/**
 * Whether as many bytes pass both ways in small segments: where they don't, it
 * is not the size of a segment that matters, but how much was sent.
 */
export async function passesInPieces(
  path: Path,
  bytes: number,
): Promise<boolean> {
  const conversation = await path.open();
  using _left = leaving(conversation);
  await conversation.exchange(Buffer.from("sounder\n"), path.reach.timeout);
  const payload = payloadOf(bytes);
  for (let sent = 0; sent < bytes; sent += SMALL) {
    await conversation.write(payload.subarray(sent, sent + SMALL));
    if ((await acknowledged(path, conversation)) !== "passed") return false;
  }
  const until = performance.now() + COMES_WITHIN;
  // Without stamps: they are no part of what was sent.
  for (let came = 0; came < bytes;) {
    const chunk = await conversation.read(until - performance.now());
    if (chunk === undefined) return false;
    came += chunk.length;
  }
  return true;
}

/** Has a cooperating server send so many bytes of TCP, as one segment. */
export async function receiveSegment(
  path: Path,
  bytes: number,
  { record }: Segments,
): Promise<Fate> {
  const wanted = Math.max(bytes - record, 1);
  const asked = await path.ask<"send">({ ask: "send", bytes: wanted });
  const { conversation } = asked;
  using _left = leaving(conversation);
  const whole = conversation.connection.bytesReceived + wanted;
  for (let sent = 0; sent < wanted;) {
    const piece = Math.min(SMALL, wanted - sent);
    await conversation.write(Buffer.alloc(piece));
    sent += piece;
    const fate = await acknowledged(path, conversation);
    if (fate !== "passed") return "unknown";
  }
  return await comesBack(conversation, whole);
}

/** A FIN behind what is lost never arrives: nobody waits for its answer. */
function leaving(conversation: Conversation): Disposable {
  return {
    [Symbol.dispose]: () => void conversation[Symbol.asyncDispose](),
  };
}
