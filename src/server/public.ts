/** A server, as its owner has it. */
import type { Endpoint } from "../address/endpoint.ts";
import type { ServerTls } from "../inbound/layers/tls.ts";
import type { StopOptions } from "../inbound/options.ts";
import type { Unready } from "../status/readiness.ts";
import type { Counts, PeerQuery, Snapshot } from "../status/snapshot.ts";
import type { ServerConnection } from "./connections.ts";
import type { ServerEvent } from "./hooks.ts";
import type { Tally } from "./tally.ts";

/** An echo server that runs. Disposed of, it resets what is open. */
export interface Server extends AsyncDisposable {
  /** Where it listens, with the ports the kernel chose. */
  readonly addresses: readonly Endpoint[];
  /** The port of its first address; undefined of a Unix socket. */
  readonly port: number | undefined;
  /**
   * The faults of now, as text. To set them puts them on new connections and on
   * those that are open, all at once; those of TLS once their certificates are
   * made.
   * @throws SounderError `EOPTION` where one can't be
   */
  faults: readonly string[];
  /**
   * As to set `faults`; resolves once new connections meet them, too.
   * @throws SounderError `EOPTION`, or why it can't listen as they want it
   */
  setFaults(faults: readonly string[]): Promise<void>;
  /**
   * Who signed the certificates that faults have clients see, as PEM texts: a
   * client that trusts them finds nothing else wrong.
   */
  readonly faultAuthorities: string;
  /** Those that are open now, in the order in which they came. */
  readonly connections: readonly ServerConnection[];
  /**
   * What happens to connections, from this call on, whenever it is read: it ends
   * when the server has stopped. More than 100,000 unread events are not kept.
   * @param options the `signal` ends it early, with its reason
   * @throws SounderError `ENOBUFS`, to who left too many of them unread
   */
  events(options?: EventOptions): AsyncIterableIterator<ServerEvent>;
  /** What it has done so far. */
  readonly tally: Tally;
  /** Its certificate and key, where it speaks TLS. */
  readonly tls: ServerTls | undefined;
  /** Whether a new connection would be served. */
  readonly ready: boolean;
  /** Why it would not; undefined where it would. */
  readonly unready: Unready | undefined;
  /**
   * New connections get another certificate; open ones keep theirs.
   * @throws SounderError `EOPTION`, or `ETLS` where TLS can't use it
   */
  useTls(tls: ServerTls): void;
  /** What it counts, which costs nothing to ask. */
  counts(): Counts;
  /**
   * It at this moment, and the connections that a query asks for.
   * @throws SounderError `EOPTION`
   */
  snapshot(query: PeerQuery): Snapshot;
  /**
   * Stops accepting, serves open connections to their end, and resolves with
   * the number that had to be reset. Called again, it resets at once.
   * @throws SounderError `EOPTION`
   */
  stop(options?: StopOptions): Promise<number>;
}

export interface EventOptions {
  signal?: AbortSignal | undefined;
}
