import { isIP } from "node:net";

import type { Endpoint, Listenable } from "../address/endpoint.ts";
import { type FullBacklog, fullBacklog } from "../faults/full-backlog.ts";
import {
  Listeners,
  type ListenersOptions,
} from "../inbound/listen/listeners.ts";
import { resolve } from "../socket/resolve.ts";
import type { Unready } from "../status/readiness.ts";

/** Where clients come in: it listens, or has them wait for ever. */
export class Door {
  private listeners: Listeners;
  private full: FullBacklog | undefined = undefined;
  private closed = false;
  private at: Endpoint | undefined = undefined;
  private changing: Promise<void> = Promise.resolve();

  constructor(
    private readonly place: Listenable,
    private readonly options: ListenersOptions,
  ) {
    this.listeners = new Listeners(options);
  }

  /** With the port that the kernel chose. */
  get endpoint(): Endpoint {
    return this.at!;
  }

  get unready(): Unready | undefined {
    return this.closed ? "draining" : this.listeners.unready;
  }

  /**
   * Listens, or fills the queue of connections and accepts none.
   * @throws SounderError if the address can't be had
   */
  set(isFull: boolean): Promise<void> {
    const changed = this.changing.then(() => this.change(isFull));
    this.changing = changed.catch(() => {});
    return changed;
  }

  private async change(isFull: boolean): Promise<void> {
    const isSet = this.at !== undefined && (this.full !== undefined) === isFull;
    if (this.closed || isSet) return;
    if (isFull) {
      const where = await addressOf(this.at ?? this.place);
      this.listeners.close();
      this.full = fullBacklog(where);
      this.at ??= { ...(this.place as Endpoint), ...this.full };
    } else {
      this.full?.stop();
      this.full = undefined;
      if (this.at !== undefined) this.listeners = new Listeners(this.options);
      await this.listeners.open([this.at ?? this.place]);
      this.at ??= this.listeners.endpoints[0];
    }
  }

  close(): void {
    this.closed = true;
    this.full?.stop();
    this.listeners.close();
  }
}

/** An address as the kernel wants it, where connections can be kept waiting. */
async function addressOf(place: Listenable) {
  if (place.kind !== "tcp" && place.kind !== "tls") {
    throw new TypeError(`${place.kind} has no queue to be filled`);
  }
  const { host, port } = place;
  if (host === "") return { address: "::", port };
  if (isIP(host) !== 0) return { address: host, port };
  const found = (await resolve(place)) as { host: string }[];
  const [first] = found.toSorted((a, b) => isIP(a.host) - isIP(b.host));
  return { address: first!.host, port };
}
