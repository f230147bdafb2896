import type { ReplyKind } from "../../protocol/reply.ts";
import { STAMP_LENGTH } from "../../protocol/stamp/form.ts";
import {
  damageOf,
  nextStamp,
  skipStamp,
  type StampPlace,
} from "../../protocol/stamp/parser.ts";
import type { Wire } from "../../socket/wire.ts";
import type { Plan } from "../plan.ts";
import { inPayload, inStamp } from "./diagnosis.ts";
import type { Finding, MessageKind, Messages } from "./message.ts";
import { type Payload, payloadOf, PERIOD } from "./payload.ts";

/** Messages in streams of bytes, which all take theirs from one payload. */
export class Streams implements MessageKind {
  readonly payload: Payload;
  readonly size: number;
  /** How many bytes may be under way on a connection. */
  readonly near: number;
  /** By connection; a lost one's place is its successor's. */
  readonly all = new Map<number, MessageStream>();
  private readonly reply: ReplyKind;

  constructor({ seed, size, pipeline, reply }: Plan) {
    this.payload = payloadOf(seed);
    this.size = size;
    this.near = size * pipeline;
    this.reply = reply;
  }

  on(connection: number): MessageStream {
    const stream = new STREAMS[this.reply](this, connection);
    this.all.set(connection, stream);
    return stream;
  }
}

/**
 * The stream is a walk through the payload block, so two places in it say what
 * is to be sent next and what must come next; what the kernel did not take
 * needs no queue.
 */
class MessageStream implements Messages {
  /** Place in the block of the next byte to send. */
  sendPlace: number;
  /** Place in the block of the next byte to receive. */
  readPlace: number;
  /** Bytes of messages sent that the kernel has not taken. */
  pending = 0;
  /** Bytes sent or pending, all in all. */
  private sent = 0;
  received = 0;
  /** Bytes of the oldest message in flight that came back. */
  private partial = 0;
  refused = false;
  finding: Finding | undefined = undefined;

  protected readonly payload: Payload;
  private readonly size: number;

  constructor(
    private readonly streams: Streams,
    readonly index: number,
  ) {
    this.payload = streams.payload;
    this.size = streams.size;
    this.sendPlace = streams.payload.startOf(index);
    this.readPlace = this.sendPlace;
  }

  /** Bytes sent or pending that have not come back. */
  get outstanding(): number {
    return this.sent - this.received;
  }

  send(wire: Wire, count: number): void {
    const bytes = count * this.size;
    this.sent += bytes;
    if (this.pending > 0) this.pending += bytes;
    else this.offer(wire, bytes);
  }

  flush(wire: Wire): void {
    if (this.pending > 0) this.offer(wire, this.pending);
  }

  /** What the kernel does not take is pending. */
  private offer(wire: Wire, bytes: number): void {
    let left = bytes;
    let taken: number;
    let length: number;
    do {
      length = Math.min(left, PERIOD);
      taken = wire.write(this.payload.block, this.sendPlace, length);
      if (taken > 0) {
        left -= taken;
        this.sendPlace += taken;
        if (this.sendPlace >= PERIOD) this.sendPlace -= PERIOD;
      }
    } while (taken === length && left > 0);
    if (taken < 0) this.refused = true;
    this.pending = left;
  }

  receive(chunk: Buffer): number {
    const { size, payload } = this;
    const { length } = chunk;
    const place = this.readPlace;
    if (length > this.outstanding || !payload.matches(chunk, place)) {
      const { near, all } = this.streams;
      this.finding = inPayload(this, chunk, payload, near, all.values());
      return 0;
    }
    const next = place + length;
    this.readPlace = next < PERIOD ? next : next - PERIOD;
    this.received += length;
    const arrived = this.partial + length;
    const complete = arrived === size ? 1 : Math.floor(arrived / size);
    this.partial = arrived - complete * size;
    return complete;
  }
}

/** What comes back has a stamp before each chunk, wherever those begin. */
class StampedStream extends MessageStream implements StampPlace {
  /** One comes before all else. */
  stampLeft = STAMP_LENGTH;

  override receive(chunk: Buffer): number {
    let complete = 0;
    let at = 0;
    while (at < chunk.length && this.finding === undefined) {
      const stamp = at;
      at = skipStamp(this, chunk, stamp);
      const damage = damageOf(chunk, stamp, at, this.stampLeft);
      if (damage > 0) {
        const came = chunk.subarray(stamp, at);
        const raw = this.payload.matches(came, this.readPlace);
        this.finding = inStamp(this, came, damage, raw);
        break;
      }
      const end = nextStamp(chunk, at);
      if (end > at) complete += super.receive(chunk.subarray(at, end));
      at = end;
    }
    return complete;
  }
}

const NEWLINE = 0x0a;

/** What comes back is behind a line of the server's own. */
class InfoStream extends MessageStream {
  private isBehind = false;

  override receive(chunk: Buffer): number {
    if (this.isBehind) return super.receive(chunk);
    const end = chunk.indexOf(NEWLINE);
    if (end < 0) return 0;
    this.isBehind = true;
    const rest = chunk.subarray(end + 1);
    return rest.length === 0 ? 0 : super.receive(rest);
  }
}

const STREAMS = {
  raw: MessageStream,
  stamp: StampedStream,
  info: InfoStream,
} satisfies Record<ReplyKind, typeof MessageStream>;
