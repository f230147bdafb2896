import type { TcpState } from "../kernel/tcp-info.ts";
import type { Side, TraceEvent } from "../socket/trace/event.ts";
import { Arrows } from "./arrows.ts";
import { withoutMiddle } from "./cut.ts";
import {
  type Diagram,
  type Family,
  otherSide,
  type Row,
  type Span,
} from "./diagram.ts";
import { endsOf, familyOf } from "./ends.ts";
import { withGaps } from "./gaps.ts";
import { labelOf } from "./labels.ts";
import { stateAfter, tellsStateBehind } from "./states.ts";
import { summaryOf } from "./summary.ts";

/**
 * The picture of one connection. It wants nothing of the runtime, nor do what
 * makes SVG and the words of it: they work in a browser, too.
 * @param events of one side or of both, in the order of time; those of what a
 * server does before it accepts belong to it, too
 * @param notes what to know of how the events came together
 */
export function buildDiagram(
  events: readonly TraceEvent[],
  notes: readonly string[] = [],
): Diagram {
  const family = familyOf(events);
  const whole = new Builder(events, family).build();
  const { rows, arrows, spans, left } = withoutMiddle({
    ...whole,
    rows: withGaps(whole.rows),
  });
  const ends = endsOf(events);
  return {
    family,
    ...ends,
    sides: [...new Set(events.map(({ side }) => side))],
    rows,
    arrows,
    spans,
    summary: summaryOf({ spans, events, family, ...ends }),
    notes: [
      ...notes,
      ...(left > 0 ? [`${left} steps in the middle are left out.`] : []),
    ],
  };
}

class Builder {
  private readonly rows: Row[] = [];
  private readonly spans: Span[] = [];
  /** The last of each side's. */
  private readonly latest: Partial<Record<Side, Span>> = {};
  private readonly lastRows: Partial<Record<Side, number>> = {};
  private readonly arrows: Arrows;
  private readonly start: number;
  /** The handshake of TLS is drawn. */
  private isSecure = false;
  private readonly sides: ReadonlySet<Side>;
  /** Somebody answered: until then nobody may be there. */
  private readonly isMet: boolean;

  constructor(
    private readonly events: readonly TraceEvent[],
    private readonly family: Family,
  ) {
    this.start = events[0]?.at ?? 0;
    this.sides = new Set(events.map(({ side }) => side));
    this.arrows = new Arrows(this.sides, family);
    this.isMet = events.some(({ verb }) => MEETINGS.has(verb));
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
        this.handshake("client", "ACK");
        return this.tell(event);
      case "tls":
        return this.secured(event);
      case "state":
        return this.setState(event, this.lastRows[event.side] ?? 0);
      default:
        return this.tell(event);
    }
  }

  /** What goes to the row that comes next. */
  private handshake(from: Side, label: string): void {
    if (this.family === "tcp") {
      this.arrows.handshake(from, this.rows.length, label);
    }
  }

  /** The server's kernel answers before anybody there accepts. */
  private connecting(event: TraceEvent): void {
    if (!this.isMet) {
      if (this.family === "tcp") this.arrows.unanswered(this.rows.length - 1);
      return;
    }
    this.arrows.handshake("client", this.rows.length, this.opening);
    this.infer(event, "request");
  }

  private get opening(): string {
    return this.family === "tcp" ? "SYN" : "connect";
  }

  private connected(event: TraceEvent): void {
    this.handshake("server", "SYN-ACK");
    this.tell(event);
    if (this.sides.has("server")) return;
    this.handshake("client", "ACK");
    this.infer(event, "accept");
  }

  private requested(event: TraceEvent): void {
    this.infer(event, "connect");
    this.arrows.handshake("client", this.rows.length, this.opening);
    this.tell(event);
    this.handshake("server", "SYN-ACK");
  }

  /** The client begins it, whoever is done first. */
  private secured(event: TraceEvent): void {
    if (!this.isSecure) {
      this.isSecure = true;
      const { at } = event;
      this.arrows.tls(this.rows.length);
      const label = "TLS handshake";
      const step = undefined;
      this.push({ side: "server", at, step, label, known: false });
    }
    this.tell(event);
  }

  /** What happened at the other side, though nobody there told it. */
  private infer({ side, at }: TraceEvent, verb: string): void {
    const other = otherSide(side);
    const { step, label } = labelOf({ verb, side: other }, this.family);
    this.push({ side: other, at, step, label, known: false });
    this.span(other, stateAfter({ verb }, this.stateOf(other)), false);
  }

  private tell(event: TraceEvent): void {
    const { side, at } = event;
    const { step, label } = labelOf(event, this.family);
    this.arrows.add(event, this.rows.length);
    this.push({ side, at, step, label, known: true }, event.verb === "waiting");
    this.setState(event, this.rows.length - 1);
    if (!this.sides.has(otherSide(side))) this.inferOther(event);
  }

  /** What an event of one side does to the other's state. */
  private inferOther(event: TraceEvent): void {
    const other = otherSide(event.side);
    const state = this.latest[other]?.state;
    const mirrored = MIRRORED[event.verb];
    if (state === undefined || mirrored === undefined) return;
    this.span(other, stateAfter({ verb: mirrored }, state), false);
  }

  private push(row: Omit<Row, "kind" | "gap">, waits = false): void {
    const at = Math.max(row.at - this.start, 0);
    const kind = waits ? "wait" : "step";
    this.lastRows[row.side] = this.rows.length;
    this.rows.push({ ...row, at, kind, gap: undefined });
  }

  private stateOf(side: Side): TcpState {
    return this.latest[side]?.state ?? "CLOSED";
  }

  private setState(event: TraceEvent, row: number): void {
    const { side, state, verb } = event;
    const before = this.stateOf(side);
    const isRest = state === "CLOSED" && isLeaving(before) && ENDS.has(verb);
    if (state !== null && tellsStateBehind(event) && !isRest) {
      return this.span(side, state, true, row);
    }
    const after = isRest ? "TIME-WAIT" : stateAfter(event, before);
    if (after !== before || this.latest[side] === undefined) {
      this.span(side, after, false, row);
    }
  }

  private span(
    side: Side,
    state: TcpState,
    known: boolean,
    row = this.rows.length - 1,
  ): void {
    if (this.family === "unix") return;
    const start = Math.max(row, 0);
    const last = this.latest[side];
    if (last?.state === state) {
      // What was inferred is confirmed by the kernel.
      if (known) last.known = true;
      return;
    }
    if (last?.start === start) {
      // Both at one place: the later one is what is left.
      Object.assign(last, { state, known });
      return;
    }
    const span = { side, start, state, known };
    this.latest[side] = span;
    this.spans.push(span);
  }
}

/** What is told once the other side is there. */
const MEETINGS: ReadonlySet<string> = new Set([
  "request",
  "accept",
  "connected",
]);

/**
 * Linux leaves a connection that it has closed to an entry of its own: whoever
 * still has the descriptor is told CLOSED, and it waits in TIME-WAIT. After a
 * reset, CLOSED is what it is.
 */
function isLeaving(state: TcpState): boolean {
  return ["FIN-WAIT-1", "FIN-WAIT-2", "CLOSING", "TIME-WAIT"].includes(state);
}

const ENDS: ReadonlySet<string> = new Set(["finished", "read", "closed"]);

/** What an event of one side is at the other. */
const MIRRORED: Readonly<Record<string, string>> = {
  finish: "finished",
  finished: "finish",
  reset: "reset",
};
