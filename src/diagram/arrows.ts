import type { Side, TraceEvent } from "../socket/trace/event.ts";
import { type Arrow, type Family, NEAR, otherSide } from "./diagram.ts";
import { dataLabel, endIn, isOwnReset } from "./labels.ts";

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
  constructor(
    private readonly sides: ReadonlySet<Side>,
    private readonly family: Family,
  ) {}

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

  /** A SYN of which nobody told what became. @param row of connect */
  unanswered(row: number): void {
    this.shakes.push({
      from: "client",
      start: row,
      end: row + NEAR,
      label: "SYN",
      kind: "handshake",
      known: false,
    });
  }

  /** TLS begins with a question of the client's. @param row of its answer */
  tls(row: number): void {
    const told = { kind: "tls" as const, known: false };
    const [start, end] = [Math.max(row - 1, 0) + NEAR, row + 1];
    this.shakes.push(
      { ...told, from: "client", start, end: row, label: "ClientHello" },
      {
        ...told,
        from: "server",
        start: row,
        end,
        label: "ServerHello, certificate",
      },
    );
  }

  add(event: TraceEvent, row: number): void {
    const { side, verb, bytes } = event;
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
        own.sent.push({ row, from: Infinity, label: this.end, kind: "fin" });
        return;
      case "finished":
        theirs.came.push({ row, to: Infinity, label: this.end, kind: "fin" });
        return;
      case "reset": {
        const label = this.family === "tcp" ? "RST" : "reset";
        const place = { row, label, kind: "rst" as const };
        if (isOwnReset(event)) own.sent.push({ ...place, from: Infinity });
        else theirs.came.push({ ...place, to: Infinity });
        return;
      }
      default:
    }
  }

  private get end(): string {
    return endIn(this.family);
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
  const reads = came.filter(({ kind }) => kind === "data");
  let next = 0;
  const arrivalOf = (place: number) => {
    // Both are in the order of the stream.
    while (next < reads.length && reads[next]!.to <= place) next += 1;
    return reads[next];
  };
  return sent.map(({ row, from: place, label, kind }) => {
    const arrived =
      kind === "data"
        ? arrivalOf(place)
        : came.find((one) => one.kind === kind && one.row > row);
    const known = arrived !== undefined && arrived.row > row;
    const end = known ? arrived.row : row + NEAR;
    return { from, start: row, end, label, kind, known };
  });
}
