import { plainHost } from "../address/endpoint.ts";
import { parseIp } from "../address/ip.ts";
import type { Permit } from "../socket/wire.ts";
import type { Admission } from "./admission.ts";

/** Why a connection was not let in. */
export type Refusal =
  "max-connections" | "max-connections-per-ip" | "deny" | "no-files";

/** How many connections a server serves. */
export interface PermitsOptions {
  /** Connections at once. @default as many as open files allow */
  maxConnections?: number | undefined;
  /** Connections at once from one IPv4 address, or one IPv6 /64. */
  maxConnectionsPerIp?: number | undefined;
}

/** Lets connections in, or says why not. */
export class Permits {
  /** No file descriptor is left. */
  outOfFiles = false;
  /** Permits that are not released. */
  taken = 0;
  readonly clients: ClientCounts;
  private readonly maxConnections: number;

  constructor(
    readonly admission: Admission,
    { maxConnections, maxConnectionsPerIp }: PermitsOptions,
  ) {
    this.maxConnections = maxConnections ?? Infinity;
    this.clients = new ClientCounts(maxConnectionsPerIp ?? Infinity);
  }

  /**
   * @param address undefined where there is none, or where it is not known yet:
   * assign() follows then
   */
  acquire(address: string | undefined): ServerPermit | Refusal {
    if (this.outOfFiles) return "no-files";
    if (this.taken >= this.maxConnections) return "max-connections";
    this.taken += 1;
    const permit = new ServerPermit(this);
    const refusal = permit.assign(address);
    if (refusal === undefined) return permit;
    permit.release();
    return refusal;
  }
}

/**
 * A connection's place on the server, and among those of its address. It knows
 * itself what to give back: a socket that was reset has no address any more.
 */
export class ServerPermit implements Permit {
  private client: string | undefined = undefined;
  private released = false;

  constructor(private readonly permits: Permits) {}

  /**
   * Says whom it is for.
   * @param address the peers of a Unix socket have none: who they are is its
   * permissions' matter
   */
  assign(address: string | undefined): Refusal | undefined {
    if (address === undefined) return undefined;
    const { admission, clients } = this.permits;
    if (admission.denies(address)) return "deny";
    if (clients.most === Infinity) return undefined;
    const client = clientOf(address);
    if (!clients.add(client)) return "max-connections-per-ip";
    this.client = client;
    return undefined;
  }

  /** Called again, it does nothing. */
  release(): void {
    if (this.released) return;
    this.released = true;
    this.permits.taken -= 1;
    if (this.client !== undefined) this.permits.clients.remove(this.client);
  }
}

/** An IPv4 address is one client; so is an IPv6 /64, which one host has whole. */
function clientOf(address: string): string {
  return parseIp(plainHost(address))!.subarray(0, 8).toString("hex");
}

/** How many connections each client has. */
class ClientCounts {
  private readonly counts = new Map<string, number>();

  /** @param most that one may have */
  constructor(readonly most: number) {}

  /** @returns whether it may have one more, and has it now */
  add(client: string): boolean {
    const count = this.counts.get(client) ?? 0;
    if (count >= this.most) return false;
    this.counts.set(client, count + 1);
    return true;
  }

  remove(client: string): void {
    const count = this.counts.get(client)! - 1;
    if (count > 0) this.counts.set(client, count);
    else this.counts.delete(client);
  }
}
