import type { Endpoint, TcpEndpoint } from "../address/endpoint.ts";
import type { FaultEvent } from "../faults/link.ts";
import { type Proxy, startProxy } from "../proxy/proxy.ts";
import type { Approach } from "../socket/dial/dial.ts";
import { isHeld } from "./held.ts";
import type { Carried } from "./places.ts";

export interface PathOptions {
  target: Endpoint;
  approach: Approach;
  /** What chance depends on. */
  seed: number;
}

/** A path to the target for one run of the command. */
export class Path {
  /** What the connections that are over carried. */
  readonly carried: Carried[] = [];
  /** The faults that acted while the client was there to see it. */
  readonly acted: FaultEvent[] = [];
  /** Why the target could not be had; undefined if it could. */
  error: Error | undefined;
  private readonly ports = new Map<number, number>();
  private proxy!: Proxy;

  /**
   * @param faults in their grammar
   * @throws SounderError `ENOTSUP` where one can't be made
   */
  static async open(
    { target, approach, seed }: PathOptions,
    faults: readonly string[],
  ): Promise<Path> {
    const path = new Path();
    path.proxy = await startProxy({
      target,
      targetTls: target.kind === "tls" ? approach.tls : undefined,
      sendProxy: approach.sendProxy,
      faults,
      seed,
      onConnect: ({ id, peer }) => {
        path.ports.set(id, Number(peer.slice(peer.lastIndexOf(":") + 1)));
      },
      onDisconnect({ bytesIn, bytesOut, error }) {
        path.carried.push({ answer: bytesOut, request: bytesIn });
        path.error ??= error;
      },
      onFault: (event) => path.saw(event),
    });
    return path;
  }

  private saw(event: FaultEvent): void {
    const port = this.ports.get(event.id);
    const isThere = port === undefined || isHeld(port, this.endpoint.port);
    if (isThere) this.acted.push(event);
  }

  /** Where the command is to connect. */
  get endpoint(): TcpEndpoint {
    return this.proxy.addresses[0] as TcpEndpoint;
  }
  /** How many connections came. */
  get connections(): number {
    return this.proxy.tally.connections.total;
  }
  /** How many bytes have passed, in both directions. */
  get bytes(): number {
    const { bytes } = this.proxy.tally;
    return bytes.in + bytes.out;
  }

  /** @param within milliseconds in which connections may end by themselves */
  async stop(within: number): Promise<void> {
    await this.proxy.stop({ drainTimeout: within });
  }
}
