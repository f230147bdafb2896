import type { Clock } from "../../src/faults/clock.ts";
import { FaultGate, type FaultPermit } from "../../src/faults/gate.ts";
import { faultLayer } from "../../src/faults/layer.ts";
import type { FaultEvent } from "../../src/faults/link.ts";
import type { Fault } from "../../src/protocol/faults/fault.ts";
import type { AnyHandlers, Layer } from "../../src/socket/layer.ts";
import type { Wire, WireHandlers } from "../../src/socket/wire.ts";

export interface FaultPathOptions {
  faults: readonly Fault[];
  seed: number;
  clock: Clock;
  onFault?(event: FaultEvent): void;
  /** The handlers have another socket for a connection. */
  moved?(before: Wire, now: Wire): void;
}

const START = { bytesIn: 0, bytesOut: 0, isPaused: false };

/** All that a server has before its handlers to make faults. */
export interface FaultPath extends Layer {
  faults: readonly Fault[];
}

/** A gate, a layer behind it, and who owns the connections. */
export function faultPath({
  faults: first,
  seed,
  clock,
  onFault = () => {},
  moved = () => {},
}: FaultPathOptions): FaultPath {
  let faults = first;
  const open = new Map<Wire, FaultPermit>();
  const gate = new FaultGate({ faults: () => faults, seed, onFault });
  const outer = gate.layer(false);
  const layer = faultLayer({
    seed,
    clock,
    onFault,
    moved(state, now) {
      const [before] = [...open].find(([{ data }]) => {
        return data === now || data === state;
      })!;
      open.set(now, open.get(before)!);
      open.delete(before);
      moved(before, now);
    },
  });
  return {
    wrap(any) {
      const inner = any as WireHandlers<unknown>;
      const owner: WireHandlers<unknown> = {
        ...inner,
        open(wire, permit) {
          const { id, admission } = permit as FaultPermit;
          open.set(wire, permit as FaultPermit);
          inner.open(wire, permit);
          wire.data ??= {};
          if (!open.has(wire) || admission.chosen.length > 0) return;
          // As if there had been a fault on it, which is gone.
          layer.put(
            wire,
            id,
            [{ fault: { action: "late-finish", time: 0 }, index: 0 }],
            START,
          );
          for (const [served, { id: of }] of open) {
            if (of === id) layer.put(served, id, [], START);
          }
        },
        close(wire, error) {
          open.get(wire)?.release();
          open.delete(wire);
          inner.close(wire, error);
        },
      };
      return outer.wrap(layer.wrap(owner as AnyHandlers));
    },
    get waiting() {
      return layer.waiting;
    },
    hurry: (timeout) => layer.hurry(timeout),
    stop: () => layer.stop(),
    get faults() {
      return faults;
    },
    set faults(next) {
      faults = next;
      open.forEach(({ id }, wire) => {
        layer.put(wire, id, gate.admit(id).chosen, START);
      });
    },
  };
}
