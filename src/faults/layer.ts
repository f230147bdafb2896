import type { Fault } from "../protocol/faults/fault.ts";
import { formatFault } from "../protocol/faults/print.ts";
import { clientHeader } from "../socket/dial/send-proxy.ts";
import type { AnyHandlers, Layer } from "../socket/layer.ts";
import type { Permit, Wire, WireHandlers } from "../socket/wire.ts";
import { type Admission, admit } from "./admit.ts";
import type { Clock } from "./clock.ts";
import type { FaultEvent } from "./link.ts";
import { ServedWire } from "./served.ts";

export interface FaultLayerOptions {
  /** They stack in this order. */
  faults: readonly Fault[];
  /** What chance depends on. */
  seed: number;
  clock: Clock;
  onFault?(event: FaultEvent): void;
}

/** A path that is bad on purpose, before handlers that see sockets behind it. */
export interface FaultLayer extends Layer {
  /** Put on all connections at once, those that are open too. */
  faults: readonly Fault[];
}

type Served = ServedWire<unknown>;

class Faults implements FaultLayer {
  private list: readonly Fault[];
  private count = 0;
  private readonly open = new Set<Served>();
  /** Their handlers have closed them, but not all has arrived yet. */
  private readonly left = new Set<Served>();
  private isStopped = false;
  private cancelStop: () => void = () => {};

  constructor(private readonly options: FaultLayerOptions) {
    this.list = options.faults;
  }

  wrap(inner: AnyHandlers): AnyHandlers {
    const inside = inner as WireHandlers<unknown>;
    const handlers: WireHandlers<Served> = {
      open: (wire, permit) => this.accept(wire, inside, permit),
      data: ({ data: wire }, chunk) => wire?.received(chunk),
      writable: ({ data: wire }) => wire?.drained(),
      end: ({ data: wire }, truncated = false) => wire?.finished(truncated),
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
    return handlers as AnyHandlers;
  }

  get faults(): readonly Fault[] {
    return this.list;
  }
  set faults(faults: readonly Fault[]) {
    this.list = faults;
    for (const wire of this.open) {
      wire.link.setFaults(this.admitted(wire.id).chosen);
    }
  }

  private admitted(id: number): Admission {
    const { seed } = this.options;
    return admit(this.list, { id, seed, open: this.open.size });
  }

  private accept(
    wire: Wire<Served>,
    inside: WireHandlers<unknown>,
    permit: Permit | undefined,
  ): void {
    const id = ++this.count;
    const { seed, clock, onFault = () => {} } = this.options;
    const { chosen, refusedBy } = this.admitted(id);
    if (refusedBy !== undefined) {
      onFault({ id, fault: formatFault(refusedBy), offset: 0 });
      permit?.release();
      wire.terminate();
      return;
    }
    const header = (version: 1 | 2) => clientHeader(wire, version);
    const served: Served = new ServedWire<unknown>(
      wire,
      inside,
      { id, seed, clock, header, onFault },
      () => {
        if (this.isStopped) served.cut();
        else this.left.add(served);
      },
    );
    wire.data = served;
    this.open.add(served);
    inside.open(served, permit);
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

export function faultLayer(options: FaultLayerOptions): FaultLayer {
  return new Faults(options);
}
