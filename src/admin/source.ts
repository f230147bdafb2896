import type { PeerQuery, Snapshot } from "../status/snapshot.ts";

export type { PeerQuery, PeerView, Snapshot } from "../status/snapshot.ts";

/** Where the admin pages get what they show: the server, or all its workers. */
export interface AdminSource {
  /** Whether new connections are welcome: false from the moment of a stop. */
  ready(): boolean;
  snapshot(query: PeerQuery): Promise<Snapshot>;
}
