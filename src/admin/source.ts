import type { Unready } from "../status/readiness.ts";
import type { Counts, PeerQuery, Snapshot } from "../status/snapshot.ts";

export type { Unready } from "../status/readiness.ts";
export type { PeerQuery, PeerView, Snapshot } from "../status/snapshot.ts";

/** Where the admin pages get what they show: the server, or all its workers. */
export interface AdminSource {
  /** Why new connections are not welcome; undefined where they are. */
  unready(): Unready | undefined;
  /** What is cheap to tell, each second. */
  counts(): Promise<Counts>;
  snapshot(query: PeerQuery): Promise<Snapshot>;
}
