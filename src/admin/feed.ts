import type { PeerQuery } from "../status/peers.ts";
import type { AdminSource } from "./source.ts";

type Viewer = ReadableStreamDefaultController<Uint8Array>;

/** Viewers with the same query share what is sent to them. */
interface Audience {
  query: PeerQuery;
  viewers: Set<Viewer>;
  latest: Uint8Array | undefined;
  asking: boolean;
}

const SECOND = 1000;
/** Milliseconds after which a browser looks for a server that went away. */
const RETRY = 1000;

/**
 * Snapshots as server-sent events: one each second for all viewers of the same
 * query, and none while there is no viewer.
 */
export class Feed {
  private readonly audiences = new Map<string, Audience>();
  private timer: Timer | undefined;

  /** @param every milliseconds */
  constructor(
    private readonly source: AdminSource,
    private readonly every = SECOND,
  ) {}

  /** How many there are. */
  get viewers(): number {
    let count = 0;
    for (const { viewers } of this.audiences.values()) count += viewers.size;
    return count;
  }

  /** The events of a new viewer, until it disconnects. */
  view(query: PeerQuery): ReadableStream<Uint8Array> {
    let leave: () => void;
    return new ReadableStream({
      start: (viewer) => {
        leave = this.join(query, viewer);
      },
      cancel: () => leave(),
    });
  }

  /** Ends all viewers' events. */
  close(): void {
    clearInterval(this.timer);
    for (const { viewers } of this.audiences.values()) {
      for (const viewer of viewers) viewer.close();
    }
    this.audiences.clear();
  }

  private join(query: PeerQuery, viewer: Viewer): () => void {
    const key = JSON.stringify([query.search, query.limit, query.sort]);
    let audience = this.audiences.get(key);
    if (audience === undefined) {
      audience = {
        query,
        viewers: new Set(),
        latest: undefined,
        asking: false,
      };
      this.audiences.set(key, audience);
      void this.tell(audience);
    } else if (audience.latest !== undefined) {
      viewer.enqueue(audience.latest);
    }
    const { viewers } = audience;
    viewers.add(viewer);
    this.timer ??= setInterval(() => {
      for (const each of this.audiences.values()) void this.tell(each);
    }, this.every);

    return () => {
      viewers.delete(viewer);
      if (viewers.size === 0) this.audiences.delete(key);
      if (this.audiences.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  }

  private async tell(audience: Audience): Promise<void> {
    if (audience.asking) return;
    audience.asking = true;
    audience.latest = await this.ask(audience.query);
    audience.asking = false;
    for (const viewer of audience.viewers) {
      // A slow viewer gets the next snapshot, not all that it missed.
      if ((viewer.desiredSize ?? 0) > 0) viewer.enqueue(audience.latest);
    }
  }

  private async ask(query: PeerQuery): Promise<Uint8Array> {
    try {
      const snapshot = await this.source.snapshot(query);
      return event("snapshot", {
        ...snapshot,
        unready: this.source.unready() ?? null,
      });
    } catch (error) {
      return event("trouble", { message: troubleOf(error) });
    }
  }
}

/** Why there is no snapshot, in a line. */
export function troubleOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `the server's state cannot be read: ${reason}`;
}

function event(name: string, data: unknown): Uint8Array {
  return Buffer.from(
    `retry: ${RETRY}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`,
  );
}
