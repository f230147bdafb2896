import { clientHeader } from "../socket/dial/send-proxy.ts";
import type { AnyHandlers, Layer } from "../socket/layer.ts";
import type { Permit, Wire, WireHandlers } from "../socket/wire.ts";
import { hasStages } from "./build.ts";
import type { Clock } from "./clock.ts";
import { FaultPermit } from "./gate.ts";
import type { Chosen, FaultEvent } from "./link.ts";
import { ServedWire, type Standing } from "./served.ts";

export interface FaultLayerOptions {
  /** What chance depends on. */
  seed: number;
  clock: Clock;
  onFault(event: FaultEvent): void;
  /** From now on what the handlers keep of a connection is another socket's. */
  moved(state: unknown, wire: Wire): void;
}

/**
 * A path that is bad on purpose, before one set of handlers, which see sockets
 * behind it. A connection on which no fault is passes as it is.
 */
export interface FaultLayer extends Layer {
  /**
   * Puts faults on a connection, instead of those before.
   * @param wire as the handlers have it
   * @param id its number
   * @param standing where it is at, if there never was a fault on it
   */
  put(
    wire: Wire,
    id: number,
    chosen: readonly Chosen[],
    standing: Standing,
  ): void;
}

type Served = ServedWire<unknown>;

class Faults implements FaultLayer {
  private inside!: WireHandlers<unknown>;
  /** Their handlers have closed them, but not all has arrived yet. */
  private readonly left = new Set<Served>();
  private isStopped = false;

  constructor(private readonly options: FaultLayerOptions) {}

  wrap(any: AnyHandlers): AnyHandlers {
    const inner = any as WireHandlers<unknown>;
    this.inside = inner;
    const handlers: WireHandlers<unknown> = {
      open: (wire, permit) => this.accept(wire, permit),
      data(wire, chunk) {
        const { data } = wire;
        if (data instanceof ServedWire) data.received(chunk);
        else inner.data(wire, chunk);
      },
      writable(wire) {
        const { data } = wire;
        if (data instanceof ServedWire) data.drained();
        else inner.writable(wire);
      },
      end(wire, truncated = false) {
        const { data } = wire;
        if (data instanceof ServedWire) data.finished(truncated);
        else inner.end(wire, truncated);
      },
      close: (wire, error) => {
        const { data } = wire;
        if (data instanceof ServedWire) {
          this.left.delete(data);
          data.gone(error);
        } else inner.close(wire, error);
      },
      error(wire, error) {
        const { data } = wire;
        if (data instanceof ServedWire) data.failed(error);
        else inner.error(wire, error);
      },
    };
    return handlers as AnyHandlers;
  }

  private accept(wire: Wire, permit: Permit | undefined): void {
    const chosen =
      permit instanceof FaultPermit ? staged(permit.admission.chosen) : [];
    if (chosen.length === 0) {
      this.inside.open(wire, permit);
      return;
    }
    const served = this.serve(wire, (permit as FaultPermit).id);
    this.inside.open(served, permit);
    // They may have closed it at once.
    if (!served.isLeft) served.link.setFaults(chosen);
  }

  put(
    wire: Wire,
    id: number,
    all: readonly Chosen[],
    standing: Standing,
  ): void {
    const chosen = staged(all);
    if (wire instanceof ServedWire) {
      wire.link.setFaults(chosen);
      return;
    }
    if (chosen.length === 0) return;
    const state = wire.data;
    const served = this.serve(wire, id);
    served.data = state;
    served.takeOver(standing);
    this.options.moved(state, served);
    served.link.setFaults(chosen);
  }

  private serve(wire: Wire, id: number): Served {
    const { seed, clock, onFault } = this.options;
    const header = (version: 1 | 2) => clientHeader(wire, version);
    const served: Served = new ServedWire<unknown>(
      wire,
      this.inside,
      { id, seed, clock, header, onFault },
      () => {
        if (this.isStopped) served.cut();
        else this.left.add(served);
      },
    );
    wire.data = served;
    return served;
  }

  get waiting(): number {
    // Of one that is silenced nothing is awaited.
    return [...this.left].filter(({ link }) => !link.toClient.isSilent).length;
  }

  /** What is under way was served, and has as long as a stop may take. */
  hurry(): void {}

  stop(): number {
    this.isStopped = true;
    const { waiting } = this;
    for (const wire of this.left) wire.cut();
    return waiting;
  }
}

function staged(chosen: readonly Chosen[]): readonly Chosen[] {
  return chosen.filter(({ fault }) => hasStages(fault));
}

export function faultLayer(options: FaultLayerOptions): FaultLayer {
  return new Faults(options);
}
