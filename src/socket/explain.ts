import { existsSync, statSync } from "node:fs";
import { isIP, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { dirname } from "node:path";

import { isErrorCode } from "../errors/codes.ts";
import type { Endpoint } from "../address/endpoint.ts";
import { codeOf, Reason } from "../errors/errors.ts";
import { connectCode, routeCode } from "../kernel/connect-code.ts";
import { kernelName } from "./bind/unix.ts";

type Act = "listen" | "connect";

/**
 * Why one could not listen on, or connect to, an endpoint, as far as more is
 * known than Bun's code says; otherwise the error itself.
 */
export function explain(endpoint: Endpoint, error: unknown, act: Act): unknown {
  const code = codeOf(error);
  switch (endpoint.kind) {
    case "unix":
      return ofUnix(endpoint.path, code, act) ?? error;
    case "tcp":
    case "tls":
      return ofTcp(endpoint.host, code, act) ?? error;
  }
}

function ofUnix(path: string, code: string | undefined, act: Act) {
  if (act === "listen") return unixUnbound(path, code);
  return code === "ECONNREFUSED" ? unixRefusal(path) : undefined;
}

function ofTcp(host: string, code: string | undefined, act: Act) {
  // Bun tells it where there is no way there, too.
  if (code === "ECONNREFUSED" && act === "connect") {
    return coded(routeCode(host));
  }
  if (code === "EADDRNOTAVAIL") {
    return act === "connect"
      ? noSource(host)
      : new Reason(code, "this machine has no such address");
  }
  return wrongZone(host, code);
}

function coded(code: string | undefined): Reason | undefined {
  return code !== undefined && isErrorCode(code) ? new Reason(code) : undefined;
}

function unixRefusal(path: string): Reason | undefined {
  const code = connectCode(kernelName(path));
  // It has room again by now.
  if (code === "EAGAIN" || code === "") {
    return new Reason("EAGAIN", "its queue is full");
  }
  if (code !== "ECONNREFUSED") return coded(code);
  return isOther(path)
    ? new Reason("ENOTSOCK")
    : new Reason(code, "nothing listens there");
}

/** Whether a file is there that is no socket. */
function isOther(path: string): boolean {
  if (path.startsWith("@")) return false;
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === false;
}

function unixUnbound(
  path: string,
  code: string | undefined,
): Reason | undefined {
  if (code === "ENOENT" && !existsSync(dirname(path))) {
    return new Reason(code, "no such folder");
  }
  return code === "EADDRINUSE" && isOther(path)
    ? new Reason(code, "a file is there that is no socket")
    : undefined;
}

/** Interfaces with an IPv6 address, by name and by number. */
function zones(): { names: string[]; numbers: number[] } {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map((address) => ({ name, ...address })),
  );
  const v6 = all.filter(({ family }) => family === "IPv6");
  return {
    names: v6.map(({ name }) => name),
    numbers: v6.map(({ scopeid = 0 }) => scopeid),
  };
}

/** Every interface has its own `fe80::1`: the zone says which is meant. */
function wrongZone(host: string, code: string | undefined): Reason | undefined {
  if (!isIPv6(host) || (code !== "EINVAL" && code !== undefined)) {
    return undefined;
  }
  const [address = "", zone] = host.split("%");
  const { names, numbers } = zones();
  if (zone === undefined) {
    const example = names.find((name) => name !== "lo") ?? "eth0";
    return /^fe[89ab]/i.test(address)
      ? new Reason(
          "EINVAL",
          `a link-local address wants its interface, as ${address}%${example}`,
        )
      : undefined;
  }
  return names.includes(zone) || numbers.includes(Number(zone))
    ? undefined
    : new Reason(
        "ENODEV",
        `this machine has no interface "${zone}" with an IPv6 address`,
      );
}

/** The kernel found no address and port of ours to connect from. */
function noSource(host: string): Reason {
  const family = `IPv${isIP(host) || 4}`;
  const ours = Object.values(networkInterfaces()).flat();
  return new Reason(
    "EADDRNOTAVAIL",
    ours.some((address) => address?.family === family)
      ? "no local port is left"
      : `this machine has no ${family} address`,
  );
}
