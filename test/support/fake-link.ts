import type { End, Ending } from "../../src/faults/end.ts";
import { type FaultEvent, Link } from "../../src/faults/link.ts";
import type { Pipe } from "../../src/faults/pipe.ts";
import { isOn } from "../../src/protocol/faults/chance.ts";
import { parseFaults } from "../../src/protocol/faults/list.ts";
import { FakeClock } from "./fake-clock.ts";

/** One end of a path, which takes from each write as much as `appetites` say. */
export class FakeEnd implements End {
  isFull = false;
  isPaused = false;
  isWatched = false;
  /** Each piece that was taken, and when. */
  readonly pieces: { at: number; bytes: Buffer }[] = [];
  readonly endings: { at: number; how: Ending }[] = [];

  constructor(
    private readonly clock: FakeClock,
    public appetites: readonly number[] = [],
  ) {}

  get taken(): Buffer {
    return Buffer.concat(this.pieces.map(({ bytes }) => bytes));
  }
  get text(): string {
    return this.taken.toString();
  }
  /** `hello | world` */
  get chunks(): string {
    return this.pieces.map(({ bytes }) => bytes.toString()).join(" | ");
  }
  get ends(): Ending[] {
    return this.endings.map(({ how }) => how);
  }

  write(bytes: Uint8Array): number {
    const [appetite = Infinity, ...later] = this.appetites;
    this.appetites = later;
    if (appetite < 0) return -1;
    const piece = Buffer.from(bytes.subarray(0, appetite));
    if (piece.length > 0) {
      this.pieces.push({ at: this.clock.now(), bytes: piece });
    }
    return piece.length;
  }
  end(how: Ending): void {
    this.endings.push({ at: this.clock.now(), how });
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  watch(): void {
    this.isWatched = true;
  }
}

/** A path with faults between two ends that a test plays. */
export function fakeLink(texts: readonly string[], { id = 1, seed = 1 } = {}) {
  const clock = new FakeClock();
  const client = new FakeEnd(clock);
  const server = new FakeEnd(clock);
  const events: FaultEvent[] = [];
  const link = new Link(client, server, {
    id,
    seed,
    clock,
    header: (version) => Buffer.from(`header ${version}\n`),
    onFault: (event) => events.push(event),
  });
  function put(...list: string[]): void {
    const chosen = parseFaults(list)
      .map((fault, index) => ({ fault, index }))
      .filter(({ fault, index }) => isOn(fault, index, id, seed));
    link.setFaults(chosen);
  }
  const into = (pipe: Pipe) => (data: string | Uint8Array) =>
    pipe.bytes(Buffer.from(data as string));
  put(...texts);
  return {
    clock,
    client,
    server,
    link,
    events,
    put,
    /** The client sends, to the server. */
    up: into(link.toServer),
    /** The server sends, to the client. */
    down: into(link.toClient),
  };
}
