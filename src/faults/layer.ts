import { isOn } from "../protocol/faults/chance.ts";
import type { Fault } from "../protocol/faults/fault.ts";
import { formatFault } from "../protocol/faults/print.ts";
import { encodeHeader, type HostPort } from "../socket/proxy-header.ts";
import type { Wire, WireHandlers } from "../socket/wire.ts";
import type { Clock } from "./clock.ts";
import type { Chosen, FaultEvent } from "./link.ts";
import { ServedWire } from "./served.ts";

export interface FaultyOptions {
  /** They stack in this order. */
  faults: readonly Fault[];
  /** What chance depends on. */
  seed: number;
  clock: Clock;
  onFault?(event: FaultEvent): void;
}

/** Handlers behind faults, and what their server's stop needs. */
export interface Faulty<Data> {
  handlers: WireHandlers<ServedWire<Data>>;
  /** Put on all connections at once, those that are open too. */
  faults: readonly Fault[];
  /** Connections that the handlers have closed, but whose path has not. */
  readonly waiting: number;
  /** From now on such a connection is left no more than `timeout` ms. */
  hurry(timeout: number): void;
  /** Resets such connections, now and later. @returns how many there were */
  stop(): number;
}

function hostPort(address?: string, port?: number): HostPort | undefined {
  return address === undefined || port === undefined
    ? undefined
    : { address, port };
}

/** What a proxy between the client and us would say of the connection. */
function headerOf(wire: Wire, version: 1 | 2): Buffer {
  return encodeHeader(
    version,
    hostPort(wire.remoteAddress, wire.remotePort),
    hostPort(wire.localAddress, wire.localPort),
  );
}

class FaultLayer<Data> implements Faulty<Data> {
  private list: readonly Fault[];
  private count = 0;
  private readonly open = new Set<ServedWire<Data>>();
  private readonly left = new Set<ServedWire<Data>>();
  private isStopped = false;
  private cancelStop: () => void = () => {};

  constructor(
    private readonly inside: WireHandlers<Data>,
    private readonly options: FaultyOptions,
  ) {
    this.list = options.faults;
  }

  readonly handlers: WireHandlers<ServedWire<Data>> = {
    open: (wire) => this.accept(wire),
    data: ({ data: wire }, chunk) => wire?.received(chunk),
    drain: ({ data: wire }) => wire?.drained(),
    end: ({ data: wire }) => wire?.finished(),
    close: ({ data: wire }, error) => {
      // One that was refused has no state.
      if (wire === undefined) return;
      this.open.delete(wire);
      this.left.delete(wire);
      wire.gone(error);
    },
    error: (wire, error) => {
      if (wire.data === undefined) wire.terminate();
      else wire.data.failed(error);
    },
  };

  get faults(): readonly Fault[] {
    return this.list;
  }
  set faults(faults: readonly Fault[]) {
    this.list = faults;
    for (const wire of this.open) wire.link.setFaults(this.chosenFor(wire.id));
  }

  private chosenFor(id: number): Chosen[] {
    return this.list
      .map((fault, index) => ({ fault, index }))
      .filter(({ fault, index }) => isOn(fault, index, id, this.options.seed));
  }

  private accept(wire: Wire<ServedWire<Data>>): void {
    const id = ++this.count;
    const { seed, clock, onFault = () => {} } = this.options;
    const chosen = this.chosenFor(id);
    const refused = chosen.find(
      ({ fault }) =>
        fault.action === "refuse" ||
        (fault.action === "limit" && this.open.size >= fault.count),
    );
    if (refused !== undefined) {
      onFault({ id, fault: formatFault(refused.fault), offset: 0 });
      wire.terminate();
      return;
    }
    const header = (version: 1 | 2) => headerOf(wire, version);
    const served: ServedWire<Data> = new ServedWire<Data>(
      wire,
      this.inside,
      { id, seed, clock, header, onFault },
      () => {
        if (this.isStopped) served.cut();
        else this.left.add(served);
      },
    );
    wire.data = served;
    this.open.add(served);
    this.inside.open(served);
    // They may have closed it at once.
    if (this.open.has(served)) served.link.setFaults(chosen);
  }

  get waiting(): number {
    // Of one that is silenced nothing is awaited.
    return [...this.left].filter(({ link }) => !link.toClient.isSilent).length;
  }

  hurry(timeout: number): void {
    const { clock } = this.options;
    this.cancelStop();
    this.cancelStop = clock.at(clock.now() + timeout, () => void this.stop());
  }

  stop(): number {
    this.isStopped = true;
    this.cancelStop();
    const { waiting } = this;
    for (const wire of this.left) wire.cut();
    return waiting;
  }
}

/**
 * Handlers for connections whose path to `handlers` is bad on purpose. They see
 * sockets that behave as if the faults were on the way.
 */
export function faulty<Data>(
  handlers: WireHandlers<Data>,
  options: FaultyOptions,
): Faulty<Data> {
  return new FaultLayer(handlers, options);
}
