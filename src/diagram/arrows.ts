import type { Side, TraceEvent } from "../socket/trace/event.ts";
import { type Arrow, otherSide } from "./diagram.ts";
import { dataLabel } from "./labels.ts";

/** How far above or below a row the other side's place is, where it is not told. */
const NEAR = 0.4;

interface Write {
  row: number;
  /** Places in the stream. */
  from: number;
  label: string;
  kind: Arrow["kind"];
}

/** One direction: what was sent, and what arrived. */
class Way {
  sent: Write[] = [];
  came: { row: number; to: number; label: string; kind: Arrow["kind"] }[] = [];
  bytesSent = 0;
  bytesCame = 0;
}

/** Finds out which event of one side is which of the other. */
export class Arrows {
  private readonly shakes: Arrow[] = [];
  private readonly ways: Record<Side, Way> = {
    client: new Way(),
    server: new Way(),
  };

  /** @param sides whose events there are */
  constructor(private readonly sides: ReadonlySet<Side>) {}

  /** @param row of the side where it arrives */
  handshake(from: Side, row: number, label: string): void {
    const start = Math.max(row - 1, 0);
    const known = false;
    this.shakes.push({
      from,
      start,
      end: row,
      label,
      kind: "handshake",
      known,
    });
  }

  /** TLS begins with a question of the client's. @param row where it is done */
  tls(row: number): void {
    const told = { kind: "tls" as const, known: false };
    this.shakes.push(
      {
        ...told,
        from: "client",
        start: row - 0.9,
        end: row - 0.5,
        label: "ClientHello",
      },
      {
        ...told,
        from: "server",
        start: row - 0.4,
        end: row,
        label: "ServerHello, certificate",
      },
    );
  }

  add(event: TraceEvent, row: number): void {
    const { side, verb, bytes, detail } = event;
    const own = this.ways[side];
    const theirs = this.ways[otherSide(side)];
    const count = bytes ?? 0;
    switch (verb) {
      case "write":
        if (count === 0) return;
        own.sent.push({
          row,
          from: own.bytesSent,
          label: dataLabel(event),
          kind: "data",
        });
        own.bytesSent += count;
        return;
      case "read":
        theirs.bytesCame += count;
        theirs.came.push({
          row,
          to: theirs.bytesCame,
          label: dataLabel(event),
          kind: "data",
        });
        return;
      case "finish":
        own.sent.push({ row, from: Infinity, label: "FIN", kind: "fin" });
        return;
      case "finished":
        theirs.came.push({ row, to: Infinity, label: "FIN", kind: "fin" });
        return;
      case "reset": {
        const place = { row, label: "RST", kind: "rst" as const };
        if (detail.startsWith("RST →"))
          own.sent.push({ ...place, from: Infinity });
        else theirs.came.push({ ...place, to: Infinity });
        return;
      }
      default:
    }
  }

  /** @param rows how many there are */
  all(rows: number): Arrow[] {
    const both = this.sides.size === 2;
    const found = (["client", "server"] as const).flatMap((from) =>
      both ? matched(this.ways[from], from) : seen(this.ways[from], from),
    );
    const last = Math.max(rows - 1, 0);
    return [...this.shakes, ...found].map((arrow) => ({
      ...arrow,
      end: Math.min(arrow.end, last + NEAR),
    }));
  }
}

/** Of one side's events: the other end of each arrow is near. */
function seen({ sent, came }: Way, from: Side): Arrow[] {
  const out = sent.map(({ row, label, kind }) => ({
    from,
    start: row,
    end: row + NEAR,
    label,
    kind,
    known: false,
  }));
  const back = came.map(({ row, label, kind }) => ({
    from,
    start: Math.max(row - NEAR, 0),
    end: row,
    label,
    kind,
    known: false,
  }));
  return [...out, ...back];
}

/** Each write with the read that its first byte came with. */
function matched({ sent, came }: Way, from: Side): Arrow[] {
  return sent.map(({ row, from: place, label, kind }) => {
    const arrived = came.find(
      (one) =>
        one.row > row && (kind === "data" ? one.to > place : one.kind === kind),
    );
    const end = arrived?.row ?? row + NEAR;
    const known = arrived !== undefined;
    return { from, start: row, end, label, kind, known };
  });
}
