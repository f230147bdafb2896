import {
  type Endpoint,
  isSecure,
  type Listenable,
} from "../address/endpoint.ts";
import type { AnyHandlers } from "../socket/layer.ts";
import type { Unready } from "../status/readiness.ts";
import type { Counts, PeerQuery, Snapshot } from "../status/snapshot.ts";
import { checkOptions, SIGNAL } from "../options.ts";
import { Admission } from "../inbound/admission.ts";
import { handlersFor } from "./handlers.ts";
import { HookCaller, type ServerEvent } from "./hooks.ts";
import type { ServerConnection } from "./connections.ts";
import { ServerFaults } from "./faults.ts";
import type { EventOptions, Server } from "./public.ts";
import { Inbound } from "../inbound/inbound.ts";
import { layerOrder } from "../inbound/layers/order.ts";
import { LayerStack } from "../inbound/layers/stack.ts";
import { plainIdentity, type ServerTls } from "../inbound/layers/tls.ts";
import { Door } from "../inbound/listen/door.ts";
import { connectionsByFiles } from "../inbound/listen/open-files.ts";
import type { StopOptions } from "../inbound/options.ts";
import {
  checkRenewal,
  checkServer,
  placeOf,
  type ServerOptions,
} from "./options.ts";
import { Permits } from "../inbound/permits.ts";
import { selfSigned } from "../inbound/self-signed.ts";
import { Sessions } from "./sessions.ts";
import { limitOf } from "../inbound/snapshots.ts";
import type { Tally } from "./tally.ts";

/**
 * Starts an echo server, which answers until it is stopped.
 *
 * @example
 * await using server = await startServer({ addresses: ["127.0.0.1:0"] });
 *
 * @throws SounderError if one of the addresses can't be had, and none is held
 * then; `EOPTION` or `ETLS` that names an option whose value makes no sense
 */
export async function startServer(
  options: ServerOptions = {},
): Promise<Server> {
  checkServer(options);
  // Faults may come later.
  return EchoServer.start({ ...options, faults: options.faults ?? [] });
}

/** Its parts, and how they are joined; each part knows nothing of the others. */
export class EchoServer implements Server {
  private readonly sessions: Sessions;
  private readonly door: Door;
  private readonly inbound: Inbound;
  private readonly hooks: HookCaller;
  /** Undefined where there are none, and can't be any. */
  private readonly paths: ServerFaults | undefined;

  /**
   * @param options as checkServer() lets them pass; without `faults` there are
   * none, and never can be: it costs nothing then
   */
  static async start(options: ServerOptions): Promise<EchoServer> {
    const { addresses = ["21567"], tls } = options;
    const places = addresses.map(placeOf);
    const made = () => (places.some(isSecure) ? selfSigned() : undefined);
    const identity = tls === undefined ? await made() : plainIdentity(tls);
    const server = new EchoServer(options, places, identity);
    await server.listen(options.faults);
    return server;
  }

  private constructor(
    options: ServerOptions,
    private readonly places: readonly Listenable[],
    private identity: ServerTls | undefined,
  ) {
    const {
      proxyProtocol = false,
      maxConnections: wanted = Infinity,
      maxPending = Infinity,
    } = options;
    const most = connectionsByFiles(places.length);
    const maxConnections = Math.min(wanted, most);
    const hooks = new HookCaller(options);
    this.hooks = hooks;
    const trace = options.trace?.failingTo(hooks.failed);
    const sessions = new Sessions({ hooks, maxPending, trace });
    const admission = new Admission(options, proxyProtocol);
    const permits = new Permits(admission, { ...options, maxConnections });
    const echo = handlersFor(options, sessions);
    if (this.isSecure) sessions.stalls.retry(({ wire }) => echo.writable(wire));
    const paths = this.pathsFor(options, sessions);
    const layersFor = layerOrder({
      permits,
      tls: (permit) =>
        paths?.control.identityOf(permit, this.identity!) ?? this.identity!,
      proxyProtocol,
      isProxy: (address) => admission.isAllowed(address),
      reject: (...why) => sessions.reject(...why),
      trace,
      known: paths && ((place) => paths.control.layersFor(place)),
      last: paths && [paths.layer],
    });
    const layers = new LayerStack(layersFor, echo as AnyHandlers);

    this.sessions = sessions;
    this.paths = paths;
    this.door = new Door(places, {
      handlersFor: (place) => layers.handlersFor(place),
      reusePort: options.reusePort,
      onFiles(left) {
        permits.outOfFiles = !left;
        hooks.files(left);
      },
      trace,
    });
    this.inbound = new Inbound({
      door: this.door,
      layers,
      sessions,
      limits: {
        connections: limitOf(maxConnections),
        pending: limitOf(maxPending),
      },
      timeouts: options,
      closed: () => hooks.end(),
    });
  }

  private pathsFor(
    { faults, seed = 1 }: ServerOptions,
    { open }: Sessions,
  ): ServerFaults | undefined {
    if (faults === undefined) return undefined;
    const { places, hooks } = this;
    const door = () => this.door;
    return new ServerFaults({ places, seed, hooks, open, door });
  }

  private async listen(faults: readonly string[] = []): Promise<void> {
    try {
      await (this.paths?.control.change(faults) ?? this.door.set(false));
    } catch (error) {
      this.inbound.close();
      throw error;
    }
  }

  private get isSecure(): boolean {
    return this.places.some(isSecure);
  }

  get addresses(): readonly Endpoint[] {
    return this.inbound.addresses;
  }
  get port(): number | undefined {
    return this.inbound.port;
  }
  get faults(): readonly string[] {
    return this.paths?.control.texts ?? [];
  }
  set faults(faults: readonly string[]) {
    this.paths!.control.set(faults);
  }
  async setFaults(faults: readonly string[]): Promise<void> {
    await this.paths!.control.change(faults);
  }
  get faultAuthorities(): string {
    return this.paths?.control.authorities ?? "";
  }
  get connections(): readonly ServerConnection[] {
    return this.paths!.connections.all();
  }
  events(options: EventOptions = {}): AsyncIterableIterator<ServerEvent> {
    checkOptions("events()", options, { signal: SIGNAL });
    return this.hooks.listen(options.signal);
  }
  get tally(): Tally {
    return this.sessions.tally;
  }
  get tls(): ServerTls | undefined {
    return this.isSecure ? this.identity : undefined;
  }
  get ready(): boolean {
    return this.unready === undefined;
  }
  get unready(): Unready | undefined {
    return this.inbound.unready;
  }

  useTls(next: ServerTls): void {
    checkRenewal(next, this.places);
    this.identity = plainIdentity(next);
  }

  counts(): Counts {
    return this.inbound.counts();
  }

  snapshot(query: PeerQuery): Snapshot {
    return this.inbound.snapshot(query);
  }

  stop(options?: StopOptions): Promise<number> {
    return this.inbound.stop(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop({ drainTimeout: 0 });
  }
}
