import type { Unready } from "../status/readiness.ts";
import type { Counts, PeerQuery, Snapshot } from "../status/snapshot.ts";

/** Where the admin pages get what they show: the server, or all its workers. */
export interface AdminSource {
  /** Why a new connection would not be served; undefined where it would. */
  unready(): Unready | undefined;
  /** What costs little, each second. */
  counts(): Promise<Counts>;
  snapshot(query: PeerQuery): Promise<Snapshot>;
}
