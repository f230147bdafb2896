import { isSecure, type Listenable } from "../../address/endpoint.ts";
import { type AnyHandlers, immediate, type Layer } from "../../socket/layer.ts";
import { proxied, type ProxyRejection } from "./proxied.ts";
import { secureServer, type ServerTls, type TlsRejection } from "./tls.ts";
import type { Tracer } from "../../socket/trace/tracer.ts";
import { traceAccept, traced } from "../../socket/trace/traced.ts";
import { peerName, type Wire, type WireHandlers } from "../../socket/wire.ts";
import type { Permits, Refusal, ServerPermit } from "../permits.ts";

export type TransportRejection = Refusal | ProxyRejection | TlsRejection;

export interface TransportOptions {
  permits: Permits;
  /** The identity of the moment. */
  tls(): ServerTls;
  proxyProtocol: boolean;
  /** Whether an address is a proxy to be believed. */
  isProxy(address: string): boolean;
  reject(reason: TransportRejection, peer: string, why?: string): void;
  trace: Tracer | undefined;
}

type Reject = TransportOptions["reject"];

/** What turns a connection away is told; its socket has no state then. */
function gate(
  reject: Reject,
  judge: (
    wire: Wire,
    permit: ServerPermit | undefined,
  ) => ServerPermit | Refusal,
): Layer {
  return immediate((inner) => {
    const handlers = inner as WireHandlers<unknown>;
    const gated: WireHandlers<unknown> = {
      ...handlers,
      open(wire, permit) {
        const judged = judge(wire, permit as ServerPermit | undefined);
        if (typeof judged !== "string") return handlers.open(wire, judged);
        permit?.release();
        reject(judged, peerName(wire));
        wire.terminate();
      },
      close(wire, error) {
        if (wire.data !== undefined) handlers.close(wire, error);
      },
    };
    return gated as AnyHandlers;
  });
}

/**
 * What lies between the kinds of sockets and the echo, the outermost layer
 * first. What is turned away costs neither a handshake nor a wait for a header.
 */
export class Transport {
  private readonly plain: readonly Layer[];
  private readonly secure: readonly Layer[];

  constructor(
    private readonly echo: AnyHandlers,
    { permits, tls, proxyProtocol, isProxy, reject, trace }: TransportOptions,
  ) {
    const arrival = gate(reject, ({ remoteAddress }) =>
      permits.acquire(proxyProtocol ? undefined : remoteAddress),
    );
    const client = gate(
      reject,
      ({ remoteAddress }, permit) => permit!.assign(remoteAddress) ?? permit!,
    );
    const header = proxied({
      allowed: isProxy,
      rejected: reject,
      tracer: trace,
    });
    const outer = [
      ...(trace === undefined ? [] : [traceAccept(trace)]),
      arrival,
      ...(proxyProtocol ? [header, client] : []),
    ];
    const inner = trace === undefined ? [] : [traced(trace)];
    this.plain = [...outer, ...inner];
    const secured = secureServer(tls, { rejected: reject, tracer: trace });
    this.secure = [...outer, secured, ...inner];
  }

  /** Handlers for the sockets that are accepted at `endpoint`. */
  handlersFor(endpoint: Listenable): AnyHandlers {
    const layers = isSecure(endpoint) ? this.secure : this.plain;
    return layers.reduceRight((inner, layer) => layer.wrap(inner), this.echo);
  }

  /** Connections that have not come as far as the echo. */
  get waiting(): number {
    return this.secure.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** From now on what has not come as far as the echo has so long. */
  hurry(timeout: number): void {
    for (const layer of this.secure) layer.hurry(timeout);
  }

  /** Ends what has not come so far. @returns how many there were */
  stop(): number {
    return this.secure.reduce((sum, layer) => sum + layer.stop(), 0);
  }
}
