import type { FaultLayer } from "../faults/layer.ts";
import type { Chosen } from "../faults/link.ts";
import { checkedForOne } from "../inbound/faults/checked.ts";
import type { Listenable } from "../address/endpoint.ts";
import type { FaultControl } from "../inbound/faults/control.ts";
import type { Fault } from "../protocol/faults/fault.ts";
import { formatFault } from "../protocol/faults/print.ts";
import type { Peer } from "./peer.ts";

/** An open connection of a server, for its owner. */
export interface ServerConnection {
  /** As in the log, and as the hooks are told it. */
  readonly id: number;
  /** `127.0.0.1:53124`, or `unix peer 3`. */
  readonly peer: string;
  /** Received from it, and taken for it by the kernel, so far. */
  readonly bytes: { readonly in: number; readonly out: number };
  /** Whether it is still open; all below does nothing once it is not. */
  readonly isOpen: boolean;
  /** Closes it: a FIN, behind what it is owed; no more of it is read. */
  end(): void;
  /** Closes it with an RST, at once. */
  reset(): void;
  /**
   * The faults that are on it, as text. To set them puts them on this one
   * alone, from here on, until those of the server are set again.
   * @throws SounderError `EOPTION`, also for what is done as connections begin
   */
  faults: readonly string[];
}

export interface ConnectionsOptions {
  places: readonly Listenable[];
  control: FaultControl;
  layer: FaultLayer;
}

/** The views of a server's connections; one that was had stays the same. */
export class Connections {
  private readonly views = new WeakMap<Peer, ServerConnection>();
  /** Of those that have faults of their own. */
  private own = new WeakMap<Peer, readonly Fault[]>();

  constructor(
    private readonly open: ReadonlySet<Peer>,
    private readonly options: ConnectionsOptions,
  ) {}

  all(): ServerConnection[] {
    return [...this.open].map((peer) => {
      const view = this.views.get(peer) ?? new View(peer, this);
      this.views.set(peer, view);
      return view;
    });
  }

  /** Puts the server's faults on all of them. */
  putAll(admissionOf: FaultControl["admit"]): void {
    this.own = new WeakMap();
    for (const peer of this.open) this.put(peer, admissionOf(peer.id).chosen);
  }

  faultsOf(peer: Peer): readonly Fault[] {
    if (peer.phase === "closed") return [];
    const { control } = this.options;
    const usual = () => control.admit(peer.id).chosen.map(({ fault }) => fault);
    return this.own.get(peer) ?? usual();
  }

  setFaults(peer: Peer, texts: readonly string[]): void {
    const faults = checkedForOne(texts, this.options.places);
    if (peer.phase === "closed") return;
    this.own.set(peer, faults);
    const chosen = faults.map((fault, index) => ({ fault, index }));
    this.put(peer, chosen);
  }

  private put(peer: Peer, chosen: readonly Chosen[]): void {
    this.options.layer.put(peer.wire, peer.id, chosen, peer);
  }
}

class View implements ServerConnection {
  constructor(
    private readonly connection: Peer,
    private readonly connections: Connections,
  ) {}

  get id(): number {
    return this.connection.id;
  }
  get peer(): string {
    return this.connection.name;
  }
  get bytes(): { in: number; out: number } {
    const { bytesIn, bytesOut } = this.connection;
    return { in: bytesIn, out: bytesOut };
  }
  get isOpen(): boolean {
    return this.connection.phase !== "closed";
  }

  end(): void {
    this.connection.end("owner");
  }
  reset(): void {
    this.connection.reset("owner");
  }

  get faults(): readonly string[] {
    return this.connections.faultsOf(this.connection).map(formatFault);
  }
  set faults(texts: readonly string[]) {
    this.connections.setFaults(this.connection, texts);
  }
}
