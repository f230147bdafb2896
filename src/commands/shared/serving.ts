import type { Endpoint } from "../../address/endpoint.ts";
import type { ServerTls } from "../../inbound/layers/tls.ts";
import type { StopOptions } from "../../inbound/options.ts";
import type { PeerQuery } from "../../status/peers.ts";
import type { Unready } from "../../status/readiness.ts";
import type { Counts, Snapshot } from "../../status/snapshot.ts";
import type { FlagsOf } from "./group.ts";
import type { ADMIN, IDENTITY, DRAIN } from "./groups.ts";

/** What listens until it is told to stop. */
export interface Serving {
  readonly addresses: readonly Endpoint[];
  readonly tls: ServerTls | undefined;
  readonly unready: Unready | undefined;
  useTls(tls: ServerTls): void;
  counts(): Counts | Promise<Counts>;
  snapshot(query: PeerQuery): Snapshot | Promise<Snapshot>;
  stop(options?: StopOptions): Promise<number>;
}

/** The flags that say how. */
export type ServingFlags = FlagsOf<
  [typeof ADMIN, typeof IDENTITY, typeof DRAIN]
>;
