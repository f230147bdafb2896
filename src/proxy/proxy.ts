import { type Endpoint, isSecure } from "../address/endpoint.ts";
import { TimerQueue } from "../faults/clock.ts";
import type { FaultPermit } from "../faults/gate.ts";
import { Admission } from "../inbound/admission.ts";
import { Inbound } from "../inbound/inbound.ts";
import { layerOrder } from "../inbound/layers/order.ts";
import { LayerStack } from "../inbound/layers/stack.ts";
import { plainIdentity, type ServerTls } from "../inbound/layers/tls.ts";
import { pairsByFiles } from "../inbound/listen/open-files.ts";
import { checkIdentity, type StopOptions } from "../inbound/options.ts";
import { Permits } from "../inbound/permits.ts";
import { selfSigned } from "../inbound/self-signed.ts";
import { limitOf } from "../inbound/snapshots.ts";
import type { AnyHandlers } from "../socket/layer.ts";
import type { Permit, Wire, WireHandlers } from "../socket/wire.ts";
import type { PeerQuery } from "../status/peers.ts";
import type { Unready } from "../status/readiness.ts";
import type { Counts, Snapshot } from "../status/snapshot.ts";
import { Door } from "../inbound/listen/door.ts";
import { sideHandlers } from "./handlers.ts";
import { ProxyHookCaller } from "./hooks.ts";
import { checkedFaults } from "../inbound/faults/checked.ts";
import { FaultControl } from "../inbound/faults/control.ts";
import { checkProxy, type Places, type ProxyOptions } from "./options.ts";
import type { Side } from "./pair.ts";
import { Pairs, type ProxyTally } from "./pairs.ts";
import { Target } from "./target.ts";

export interface Proxy extends AsyncDisposable {
  /** Where it listens, with the port the kernel chose. */
  readonly addresses: readonly Endpoint[];
  /** Its port; undefined for a Unix socket. */
  readonly port: number | undefined;
  /** Where it passes connections on to. */
  readonly target: Endpoint;
  /**
   * The faults of now, as text. To set them puts them on new connections and on
   * those that are open, all at once; it throws where one can't be.
   */
  faults: readonly string[];
  /** As to set `faults`; resolves once new connections meet them, too. */
  setFaults(faults: readonly string[]): Promise<void>;
  /** What it has done so far. */
  readonly tally: ProxyTally;
  /** Its certificate and key, where it listens with TLS. */
  readonly tls: ServerTls | undefined;
  /**
   * Who signed the certificates that faults have clients see, as PEM texts: a
   * client that trusts them finds nothing else wrong.
   */
  readonly faultAuthorities: string;
  /** Why a new connection would not be served; undefined where it would. */
  readonly unready: Unready | undefined;
  /** New connections get another certificate; open ones keep theirs. */
  useTls(tls: ServerTls): void;
  /** What it counts, which costs nothing to ask. */
  counts(): Counts;
  /** It at this moment, and the connections that a query asks for. */
  snapshot(query: PeerQuery): Snapshot;
  /**
   * Stops accepting, serves open connections to their end, and resolves with
   * the number that had to be reset. Called again, it resets at once.
   */
  stop(options?: StopOptions): Promise<number>;
}

/**
 * Starts a proxy: it passes each connection on to a target, byte for byte and
 * end for end, but for the faults it is asked for.
 *
 * @example
 * await using proxy = await startProxy({
 *   target: "127.0.0.1:5432",
 *   faults: ["reset after 64KiB on every 3rd"],
 * });
 * await connect(`127.0.0.1:${proxy.port}`);
 *
 * @throws SounderError if it can't listen there; `EOPTION`, `EADDRESS` or
 * `ETLS` that names an option whose value makes no sense
 */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const places = checkProxy(options);
  const { seed = 1, faults = [], tls } = options;
  checkedFaults("startProxy(): faults", faults, [places.place]);
  const made = () => (isSecure(places.place) ? selfSigned() : undefined);
  const identity = tls === undefined ? await made() : plainIdentity(tls);
  const proxy = new TcpProxy({ ...options, seed }, places, identity);
  await proxy.start(faults);
  return proxy;
}

/** Its parts, and how they are joined; each part knows nothing of the others. */
class TcpProxy implements Proxy {
  readonly target: Endpoint;
  private readonly control: FaultControl;
  private readonly pairs: Pairs;
  private readonly connector: Target;
  private readonly inbound: Inbound;

  constructor(
    options: ProxyOptions & { seed: number },
    { place, target }: Places,
    private identity: ServerTls | undefined,
  ) {
    const { seed, proxyProtocol = false, maxPending = Infinity } = options;
    const { maxConnections: wanted = Infinity } = options;
    const maxConnections = Math.min(wanted, pairsByFiles());
    const hooks = new ProxyHookCaller(options);
    this.target = target;
    const control = new FaultControl(
      {
        places: [place],
        seed,
        onFault: (event) => hooks.acted(event),
        failed: hooks.failed,
        put(admissionOf) {
          for (const pair of pairs.open) pair.setFaults(admissionOf(pair.id));
        },
      },
      () => door,
    );
    this.control = control;
    const clock = new TimerQueue();
    const pairs = new Pairs({ hooks, seed, clock, maxPending });
    if (isSecure(place) || isSecure(target)) {
      pairs.stalls.retry((pipe) => pipe.drained());
    }
    this.pairs = pairs;
    this.connector = new Target(target, {
      tls: options.targetTls,
      sendProxy: options.sendProxy,
      connectTimeout: options.connectTimeout ?? 10_000,
      failed: hooks.failed,
    });
    const admission = new Admission(options, proxyProtocol);
    const permits = new Permits(admission, { ...options, maxConnections });
    const layersFor = layerOrder({
      permits,
      tls: (permit) => control.identityOf(permit, this.identity!),
      proxyProtocol,
      isProxy: (address) => admission.isAllowed(address),
      reject: (...why) => pairs.reject(...why),
      trace: undefined,
      known: (listenable) => control.layersFor(listenable),
    });
    const layers = new LayerStack(layersFor, this.handlers(hooks.failed));
    const door = new Door([place], {
      handlersFor: (listenable) => layers.handlersFor(listenable),
      onFiles(left) {
        permits.outOfFiles = !left;
        hooks.files(left);
      },
    });
    this.inbound = new Inbound({
      door,
      layers,
      sessions: pairs,
      limits: {
        connections: limitOf(maxConnections),
        pending: limitOf(maxPending),
      },
      timeouts: options,
    });
  }

  /** @param faults which have been checked */
  async start(faults: readonly string[]): Promise<void> {
    try {
      await this.setFaults(faults);
    } catch (error) {
      this.inbound.close();
      throw error;
    }
  }

  /** Of the clients' sockets. */
  private handlers(failed: (error: unknown) => void): AnyHandlers {
    const handlers: WireHandlers<Side> = {
      ...sideHandlers,
      open: (wire, permit) => this.accept(wire, permit),
      error: (wire, error) => {
        failed(error);
        wire.data?.pair.reset("error");
        wire.terminate();
      },
    };
    return handlers as AnyHandlers;
  }

  private accept(wire: Wire, permit: Permit | undefined): void {
    const pair = this.pairs.opened(wire, permit);
    const { admission } = permit as FaultPermit;
    pair.setFaults(admission);
    // A hook, or a fault, may have ended it at once.
    if (pair.phase !== "closed") void this.connector.connect(pair);
  }

  get faults(): readonly string[] {
    return this.control.texts;
  }
  set faults(faults: readonly string[]) {
    this.control.set(faults);
  }

  setFaults(texts: readonly string[]): Promise<void> {
    return this.control.change(texts);
  }

  get addresses(): readonly Endpoint[] {
    return this.inbound.addresses;
  }
  get port(): number | undefined {
    return this.inbound.port;
  }
  get tally(): ProxyTally {
    return this.pairs.tally;
  }
  get tls(): ServerTls | undefined {
    return this.identity;
  }
  get faultAuthorities(): string {
    return this.control.authorities;
  }
  get unready(): Unready | undefined {
    return this.inbound.unready;
  }

  useTls(tls: ServerTls): void {
    checkIdentity("useTls()", tls);
    this.identity = plainIdentity(tls);
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
