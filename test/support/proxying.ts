import type { FaultEvent } from "../../src/faults/link.ts";
import type { ProxyEnded } from "../../src/proxy/hooks.ts";
import type { ProxyOptions } from "../../src/proxy/options.ts";
import { type Proxy, startProxy } from "../../src/proxy/proxy.ts";
import type { Endpoint } from "../../src/address/endpoint.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { Caller } from "./caller.ts";
import { serving, type Serving } from "./serving.ts";

/** A proxy in this process, and what it told. */
export interface Proxying extends Proxy {
  endpoint: Endpoint;
  told: ProxyEnded[];
  acted: FaultEvent[];
  dial(): Promise<Caller>;
}

export async function proxying(options: ProxyOptions): Promise<Proxying> {
  const told: ProxyEnded[] = [];
  const acted: FaultEvent[] = [];
  const proxy = await startProxy({
    onDisconnect: (ended) => void told.push(ended),
    onFault: (event) => void acted.push(event),
    ...options,
  });
  const endpoint = proxy.addresses[0]!;
  const dial = () => Caller.dial(endpoint);
  // Its getters are to stay.
  return Object.defineProperties(proxy as Proxying, {
    endpoint: { value: endpoint },
    told: { value: told },
    acted: { value: acted },
    dial: { value: dial },
  });
}

/** An echo, and a proxy before it. */
export async function proxiedServer(
  options: Omit<ProxyOptions, "target"> = {},
  serverOptions: ServerOptions = {},
): Promise<AsyncDisposable & { server: Serving; proxy: Proxying }> {
  const server = await serving(serverOptions);
  const proxy = await proxying({ target: server.endpoint, ...options });
  return {
    server,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
