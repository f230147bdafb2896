import { isIP } from "node:net";

import type { Endpoint, Listenable } from "../../address/endpoint.ts";
import { type FullBacklog, fullBacklog } from "../../faults/full-backlog.ts";
import { resolve } from "../../socket/resolve.ts";
import type { Unready } from "../../status/readiness.ts";
import { Listeners, type ListenersOptions } from "./listeners.ts";

/** Where clients come in: it listens, or has them wait for ever. */
export class Door {
  private listeners: Listeners;
  private full: readonly FullBacklog[] = [];
  private isFull = false;
  private closed = false;
  private at: readonly Endpoint[] = [];
  private changing: Promise<void> = Promise.resolve();

  constructor(
    private readonly places: readonly Listenable[],
    private readonly options: ListenersOptions,
  ) {
    this.listeners = new Listeners(options);
  }

  /** With the ports that the kernel chose. */
  get endpoints(): readonly Endpoint[] {
    return this.at;
  }

  get unready(): Unready | undefined {
    return this.closed ? "draining" : this.listeners.unready;
  }

  /**
   * Listens, or fills the queues of connections and accepts none.
   * @throws SounderError if an address can't be had
   */
  set(isFull: boolean): Promise<void> {
    const changed = this.changing.then(() => this.change(isFull));
    this.changing = changed.catch(() => {});
    return changed;
  }

  private async change(isFull: boolean): Promise<void> {
    const isOpen = this.at.length > 0;
    if (this.closed || (isOpen && this.isFull === isFull)) return;
    if (isFull) {
      const where = await Promise.all(this.wanted.map(addressOf));
      this.listeners.close();
      try {
        this.full = fillAll(where);
      } catch (error) {
        if (isOpen) await this.listen();
        throw error;
      }
      this.at = this.wanted.map((place, index) => {
        const { port } = this.full[index]!;
        return { ...(place as Endpoint), port } as Endpoint;
      });
    } else {
      for (const one of this.full) one.stop();
      this.full = [];
      await this.listen();
    }
    this.isFull = isFull;
  }

  /** With the ports that it had before, if it had any. */
  private get wanted(): readonly Listenable[] {
    return this.at.length > 0 ? this.at : this.places;
  }

  private async listen(): Promise<void> {
    if (this.at.length > 0) this.listeners = new Listeners(this.options);
    await this.listeners.open(this.wanted);
    this.at = this.listeners.endpoints;
  }

  close(): void {
    this.closed = true;
    for (const one of this.full) one.stop();
    this.listeners.close();
  }
}

type HostPort = Parameters<typeof fullBacklog>[0];

/** All of them, or none. */
function fillAll(where: readonly HostPort[]): FullBacklog[] {
  const full: FullBacklog[] = [];
  try {
    for (const one of where) full.push(fullBacklog(one));
    return full;
  } catch (error) {
    for (const one of full) one.stop();
    throw error;
  }
}

/** An address as the kernel wants it, where connections can be kept waiting. */
async function addressOf(place: Listenable): Promise<HostPort> {
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
