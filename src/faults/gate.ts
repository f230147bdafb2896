import type { Fault } from "../protocol/faults/fault.ts";
import { formatFault } from "../protocol/faults/print.ts";
import type { AnyHandlers, Layer } from "../socket/layer.ts";
import type { Permit, Wire, WireHandlers } from "../socket/wire.ts";
import { type Admission, admit } from "./admit.ts";
import { isCertificateFault } from "./certificates.ts";
import type { FaultEvent } from "./link.ts";
import { WATCH_AFTER } from "./socket-end.ts";

export interface FaultGateOptions {
  /** Those of the moment, in their order. */
  faults(): readonly Fault[];
  /** What chance depends on. */
  seed: number;
  onFault(event: FaultEvent): void;
}

/**
 * A connection's number, and what is to be done to it. It travels with the
 * connection through handshakes, some of which depend on it.
 */
export class FaultPermit implements Permit {
  constructor(
    readonly id: number,
    readonly admission: Admission,
    private readonly giveBack: () => void,
  ) {}

  release(): void {
    this.giveBack();
  }
}

/** What a socket keeps that is not answered. */
class Stalled {
  constructor(readonly permit: FaultPermit) {}
}

/** What is told of one that is not answered is read, and no more. */
function unlessStalled(inner: WireHandlers<unknown>): WireHandlers<unknown> {
  const isServed = ({ data }: Wire) => !(data instanceof Stalled);
  return {
    ...inner,
    data(wire, chunk) {
      if (isServed(wire)) inner.data(wire, chunk);
    },
    writable(wire) {
      if (isServed(wire)) inner.writable(wire);
    },
    end(wire, truncated) {
      if (isServed(wire)) inner.end(wire, truncated);
    },
    error(wire, error) {
      if (isServed(wire)) inner.error(wire, error);
      else wire.terminate();
    },
  };
}

/** Numbers connections, and refuses those that a fault says. */
export class FaultGate {
  private count = 0;
  private readonly open = new Set<FaultPermit>();
  private readonly stalled = new Set<Wire>();

  constructor(private readonly options: FaultGateOptions) {}

  /** @param id of a connection that is open, or on its way in */
  admit(id: number, others = this.open.size): Admission {
    const { faults, seed } = this.options;
    return admit(faults(), { id, seed, open: others });
  }

  /**
   * To lie behind what knows who a connection is, and before TLS.
   * @param isSecure whether TLS follows
   */
  layer(isSecure: boolean): Layer {
    return {
      wrap: (inner) => this.wrap(inner as WireHandlers<unknown>, isSecure),
      // Of one that is silenced nothing is awaited.
      waiting: 0,
      hurry() {},
      stop: () => {
        const left = [...this.stalled];
        for (const wire of left) wire.terminate();
        return left.length;
      },
    };
  }

  private wrap(inner: WireHandlers<unknown>, isSecure: boolean): AnyHandlers {
    const gated: WireHandlers<unknown> = {
      ...(isSecure ? unlessStalled(inner) : inner),
      open: (wire, permit) => {
        const entered = this.enter(permit);
        if (entered === undefined) {
          permit?.release();
          wire.terminate();
        } else if (isSecure && entered.admission.stalledBy !== undefined) {
          this.stall(wire, entered);
        } else {
          if (isSecure) this.tellCertificate(entered);
          inner.open(wire, entered);
        }
      },
      close: (wire, error) => {
        if (wire.data instanceof Stalled) {
          this.stalled.delete(wire);
          wire.data.permit.release();
          // One that was refused has no state.
        } else if (wire.data !== undefined) inner.close(wire, error);
      },
    };
    return gated as AnyHandlers;
  }

  /** Its handshake is not answered; the kernel finds out if it is gone. */
  private stall(wire: Wire, permit: FaultPermit): void {
    const { id, admission } = permit;
    const fault = formatFault(admission.stalledBy!);
    wire.data = new Stalled(permit);
    wire.setKeepAlive(true, WATCH_AFTER);
    this.stalled.add(wire);
    this.options.onFault({ id, fault, offset: 0 });
  }

  /** It will be shown one that is wrong. */
  private tellCertificate({ id, admission }: FaultPermit): void {
    for (const { fault } of admission.chosen) {
      if (!isCertificateFault(fault)) continue;
      this.options.onFault({ id, fault: formatFault(fault), offset: 0 });
    }
  }

  private enter(permit: Permit | undefined): FaultPermit | undefined {
    const id = ++this.count;
    const admission = this.admit(id);
    const { refusedBy } = admission;
    if (refusedBy !== undefined) {
      const fault = formatFault(refusedBy);
      this.options.onFault({ id, fault, offset: 0 });
      return undefined;
    }
    const entered = new FaultPermit(id, admission, () => {
      this.open.delete(entered);
      permit?.release();
    });
    this.open.add(entered);
    return entered;
  }
}
