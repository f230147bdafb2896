import type { TcpState } from "../kernel/tcp-info.ts";
import type { Side, TraceEvent } from "../socket/trace/event.ts";
import { Arrows } from "./arrows.ts";
import { type Diagram, otherSide, type Row, type Span } from "./diagram.ts";
import { labelOf } from "./labels.ts";
import { stateAfter, tellsStateBehind } from "./states.ts";
import { summaryOf } from "./summary.ts";

/** Rows of a picture; of a longer conversation the middle is left out. */
const ROWS = 160;

/**
 * The picture of one connection.
 * @param events of one side or of both, in the order of time; those of what a
 * server does before it accepts belong to it, too
 * @param notes what to know of how the events came together
 */
export function buildDiagram(
  events: readonly TraceEvent[],
  notes: readonly string[] = [],
): Diagram {
  const kept = withoutMiddle(events);
  const builder = new Builder(kept.events);
  const { rows, arrows, spans } = builder.build();
  const sides = [...new Set(events.map(({ side }) => side))];
  const ends = endsOf(events);
  const left =
    kept.left > 0 ? [`${kept.left} events in the middle are left out`] : [];
  return {
    ...ends,
    sides,
    rows,
    arrows,
    spans,
    summary: summaryOf({ rows, spans, events, ...ends }),
    notes: [...notes, ...left],
  };
}

function withoutMiddle(events: readonly TraceEvent[]) {
  if (events.length <= ROWS) return { events, left: 0 };
  const half = ROWS / 2;
  const kept = [...events.slice(0, half), ...events.slice(-half)];
  return { events: kept, left: events.length - kept.length };
}

function endsOf(events: readonly TraceEvent[]) {
  const of = (side: Side) => {
    const own = events.find(
      (one) => one.side === side && one.connection !== null,
    );
    const other = events.find(
      (one) => one.side !== side && one.connection !== null,
    );
    return own?.local ?? other?.peer ?? "";
  };
  return { client: of("client"), server: of("server") };
}

class Builder {
  private readonly rows: Row[] = [];
  private readonly spans: Span[] = [];
  private readonly states: Partial<Record<Side, TcpState>> = {};
  private readonly arrows: Arrows;
  private readonly start: number;
  /** The handshake of TLS is drawn. */
  private isSecure = false;
  private readonly sides: ReadonlySet<Side>;

  constructor(private readonly events: readonly TraceEvent[]) {
    this.start = events[0]?.at ?? 0;
    this.sides = new Set(events.map(({ side }) => side));
    this.arrows = new Arrows(this.sides);
  }

  build() {
    for (const event of this.events) this.add(event);
    return {
      rows: this.rows,
      arrows: this.arrows.all(this.rows.length),
      spans: this.spans,
    };
  }

  private add(event: TraceEvent): void {
    switch (event.verb) {
      case "connect":
        this.tell(event);
        return this.connecting(event);
      case "request":
        // It is told with accept, and was before.
        if (this.sides.has("client")) return undefined;
        return this.requested(event);
      case "connected":
        return this.connected(event);
      case "accept":
        if (!this.sides.has("client")) this.infer(event, "connected");
        this.arrows.handshake("client", this.rows.length, "ACK");
        return this.tell(event);
      case "tls":
        if (this.isSecure) return this.tell(event);
        this.isSecure = true;
        this.arrows.tls(this.rows.length);
        return this.tell(event);
      case "state":
        return this.setState(event, this.rows.length - 1);
      default:
        return this.tell(event);
    }
  }

  /** The server's kernel answers before anybody there accepts. */
  private connecting(event: TraceEvent): void {
    this.arrows.handshake("client", this.rows.length, "SYN");
    this.infer(event, "request");
  }

  private connected(event: TraceEvent): void {
    this.arrows.handshake("server", this.rows.length, "SYN-ACK");
    this.tell(event);
    if (this.sides.has("server")) return;
    this.arrows.handshake("client", this.rows.length, "ACK");
    this.infer(event, "accept");
  }

  private requested(event: TraceEvent): void {
    this.infer(event, "connect");
    this.arrows.handshake("client", this.rows.length, "SYN");
    this.tell(event);
    this.arrows.handshake("server", this.rows.length, "SYN-ACK");
  }

  /** What happened at the other side, though nobody there told it. */
  private infer({ side, at }: TraceEvent, verb: string): void {
    const other = otherSide(side);
    const { step, label } = labelOf({ verb, side: other });
    this.push({ side: other, at, step, label, known: false });
    this.span(
      other,
      stateAfter({ verb }, this.states[other] ?? "CLOSED"),
      false,
    );
  }

  private tell(event: TraceEvent): void {
    const { side, at } = event;
    const { step, label } = labelOf(event);
    this.arrows.add(event, this.rows.length);
    this.push({ side, at, step, label, known: true }, event.verb === "waiting");
    this.setState(event, this.rows.length - 1);
    if (!this.sides.has(otherSide(side))) this.inferOther(event);
  }

  /** What an event of one side does to the other's state. */
  private inferOther({ side, verb, detail }: TraceEvent): void {
    const other = otherSide(side);
    const state = this.states[other];
    if (state === undefined) return;
    const isOurs = detail.includes("→");
    const mirrored = MIRRORED[verb];
    if (mirrored === undefined) return;
    const next = stateAfter(
      { verb: verb === "reset" && isOurs ? "reset" : mirrored },
      state,
    );
    this.span(other, next, false);
  }

  private push(row: Omit<Row, "kind" | "at"> & { at: number }, waits = false) {
    const at = Math.max(row.at - this.start, 0);
    this.rows.push({ ...row, at, kind: waits ? "wait" : "step" });
  }

  private setState(event: TraceEvent, row: number): void {
    const { side, state } = event;
    const before = this.states[side] ?? "CLOSED";
    const isRest =
      state === "CLOSED" && isLeaving(before) && event.verb !== "state";
    if (state !== null && tellsStateBehind(event) && !isRest) {
      return this.span(side, state, true, row);
    }
    const after = isRest ? "TIME-WAIT" : stateAfter(event, before);
    if (after !== before || this.states[side] === undefined) {
      this.span(side, after, false, row);
    }
  }

  private span(
    side: Side,
    state: TcpState,
    known: boolean,
    row = this.rows.length - 1,
  ): void {
    const last = this.spans.findLast((one) => one.side === side);
    this.states[side] = state;
    if (last?.state === state) {
      // What was inferred is confirmed by the kernel.
      if (known) last.known = true;
      return;
    }
    if (last !== undefined && last.start === Math.max(row, 0)) {
      // Both at one place: the later one is what is left.
      Object.assign(last, { state, known });
      return;
    }
    this.spans.push({ side, start: Math.max(row, 0), state, known });
  }
}

/**
 * Linux leaves a connection that it has closed to an entry of its own: whoever
 * still has the descriptor is told CLOSED, and it waits in TIME-WAIT.
 */
function isLeaving(state: TcpState): boolean {
  return ["FIN-WAIT-1", "FIN-WAIT-2", "CLOSING", "TIME-WAIT"].includes(state);
}

/** What an event of one side is at the other. */
const MIRRORED: Readonly<Record<string, string>> = {
  finish: "finished",
  finished: "finish",
  reset: "reset",
};
