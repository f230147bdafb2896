import { networkInterfaces } from "node:os";

import type { Endpoint } from "../../src/address/endpoint.ts";

/** A way to reach a server. */
export interface Transport {
  name: string;
  /** Where the server listens; a Unix socket's path is in `folder`. */
  address(folder: string): string;
  /** Where its peers go to, when it listens on `bound`. */
  target(bound: Endpoint): Endpoint;
  skip: boolean;
}

const noV6 = !Object.values(networkInterfaces())
  .flat()
  .some((face) => face?.address === "::1");
if (noV6) console.warn("skipped: this machine has no ::1");

function tcp(name: string, listen: string, host: string): Transport {
  return {
    name,
    address: () => `${listen}:0`,
    target: (bound) => ({ ...bound, host }) as Endpoint,
    skip: noV6 && name !== "TCP over IPv4",
  };
}

export const transports: Transport[] = [
  tcp("TCP over IPv4", "127.0.0.1", "127.0.0.1"),
  tcp("TCP over IPv6", "[::1]", "::1"),
  tcp("a dual-stack socket over IPv4", "[::]", "127.0.0.1"),
  tcp("a dual-stack socket over IPv6", "[::]", "::1"),
  {
    name: "a Unix socket",
    address: (folder) => `unix:${folder}/echo.sock`,
    target: (bound) => bound,
    skip: false,
  },
];
