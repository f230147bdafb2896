import type { Listenable } from "../address/endpoint.ts";
import { TimerQueue } from "../faults/clock.ts";
import { type FaultLayer, faultLayer } from "../faults/layer.ts";
import { FaultControl } from "../inbound/faults/control.ts";
import type { Door } from "../inbound/listen/door.ts";
import type { Wire } from "../socket/wire.ts";
import { Connections } from "./connections.ts";
import type { HookCaller } from "./hooks.ts";
import type { Peer } from "./peer.ts";

export interface ServerFaultsOptions {
  places: readonly Listenable[];
  seed: number;
  hooks: HookCaller;
  open: ReadonlySet<Peer>;
  door(): Door;
}

/** All that a server has so that there can be faults. */
export class ServerFaults {
  readonly control: FaultControl;
  readonly layer: FaultLayer;
  readonly connections: Connections;

  constructor({ places, seed, hooks, open, door }: ServerFaultsOptions) {
    this.layer = faultLayer({
      seed,
      clock: new TimerQueue(),
      onFault: (event) => hooks.acted(event),
      moved(peer, wire) {
        (peer as Peer).wire = wire as Wire<Peer>;
      },
    });
    this.control = new FaultControl(
      {
        places,
        seed,
        onFault: (event) => hooks.acted(event),
        failed: hooks.failed,
        put: (admissionOf) => this.connections.putAll(admissionOf),
      },
      door,
    );
    const { control, layer } = this;
    this.connections = new Connections(open, { places, control, layer });
  }
}
