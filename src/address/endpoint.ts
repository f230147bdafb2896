import { isIPv4, isIPv6 } from "node:net";

import { SounderError } from "../errors/errors.ts";

export const DEFAULT_PORT = 21567;

/**
 * sun_path holds 108 bytes on Linux, one of them the NUL that ends a path, or
 * that an abstract name begins with: unix(7).
 */
const UNIX_PATH_MAX = 107;

/**
 * Where a socket is, or would be. An empty host is the one nobody named: every
 * interface to a server, `localhost` to a client.
 */
export type Endpoint = TcpEndpoint | UnixEndpoint;

/** A TCP port; `tls` where TLS is spoken on it. */
export interface TcpEndpoint {
  kind: "tcp" | "tls";
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  host: string;
  /** From 0 to 65535; to listen, 0 is a free one. */
  port: number;
}

/** A stream socket in the file system, or an abstract one. */
export interface UnixEndpoint {
  kind: "unix";
  /** Up to 107 bytes; `@NAME` is an abstract socket, which has no file; Linux alone has them. */
  path: string;
}

/** What listens already, given to us as a descriptor. */
export interface GivenSocket {
  kind: "fd";
  fd: number;
  tls?: boolean | undefined;
}

/** Where to listen. */
export type Listenable = Endpoint | GivenSocket;

/** Whether TLS is spoken there. */
export function isSecure(place: Listenable): boolean {
  switch (place.kind) {
    case "tls":
      return true;
    case "fd":
      return place.tls === true;
    case "tcp":
    case "unix":
      return false;
  }
}

function bad(text: string, why: string): SounderError {
  return new SounderError(`"${text}" is not an address: ${why}`, "EADDRESS");
}

function parsePort(digits: string, text: string): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : NaN;
  if (!(port <= 65535)) {
    throw bad(text, `"${digits}" is not a port from 0 to 65535`);
  }
  return port;
}

/** Why a text that should be a host is none. */
function badHost(host: string, text: string): SounderError {
  const hints: [RegExp, string][] = [
    [/^[./~]/, `; a Unix socket is unix:${text}`],
    [/^@./, `; an abstract Unix socket is unix:${text}`],
    [/^\*$/, "; every interface is a port alone, as :80"],
  ];
  const hint = hints.find(([pattern]) => pattern.test(host))?.[1] ?? "";
  return bad(text, `"${host}" is not a host${hint}`);
}

function splitHostPort(rest: string, text: string): [string, number] {
  if (rest === "") throw bad(text, "there is neither host nor port");
  if (/^\d+$/.test(rest)) return ["", parsePort(rest, text)];
  if (isIPv6(rest)) return [rest, DEFAULT_PORT];
  const [, apart, number] = /^(\S+)\s+(\d+)$/.exec(text) ?? [];
  if (apart !== undefined) {
    const joined = isIPv6(apart) ? `[${apart}]` : apart;
    throw bad(text, `a colon joins host and port, as ${joined}:${number}`);
  }
  if (rest.startsWith("[")) {
    const [, host = "", , port] = /^\[([^\]]*)\](:(.*))?$/.exec(rest) ?? [];
    if (!isIPv6(host)) throw bad(text, "brackets hold an IPv6 address");
    return [host, port === undefined ? DEFAULT_PORT : parsePort(port, text)];
  }
  const colon = rest.indexOf(":");
  const host = colon < 0 ? rest : rest.slice(0, colon);
  const port = colon < 0 ? undefined : rest.slice(colon + 1);
  if (port?.includes(":")) {
    throw /^(tcp|tls|udp)$/i.test(host)
      ? bad(text, `a scheme ends with ://, as ${host}://${port}`)
      : bad(text, "an IPv6 address with a port needs brackets, as [::1]:80");
  }
  if (/[^A-Za-z0-9._-]/.test(host)) throw badHost(host, text);
  if (/^\d+(\.\d+){3}$/.test(host) && !isIPv4(host)) {
    throw bad(text, `"${host}" is not an IPv4 address`);
  }
  return [host, port === undefined ? DEFAULT_PORT : parsePort(port, text)];
}

function parseUnix(path: string, text: string): Endpoint {
  const abstract = path.startsWith("@");
  if (path === "") throw bad(text, "the path is missing");
  if (path === "@") throw bad(text, "the name behind @ is missing");
  if (path.includes("\0")) throw bad(text, "a path has no NUL in it");
  const bytes = Buffer.byteLength(abstract ? path.slice(1) : path);
  if (bytes > UNIX_PATH_MAX) {
    const what = abstract ? "the name behind @" : "a socket's path";
    throw bad(text, `${what} has at most ${UNIX_PATH_MAX} bytes`);
  }
  if (abstract && process.platform !== "linux") {
    throw bad(
      text,
      "only Linux has abstract sockets; a file of that name is unix:./" + path,
    );
  }
  return { kind: "unix", path };
}

/**
 * Reads `[tcp://|tls://]HOST:PORT`, `HOST`, `:PORT`, `PORT`, `[V6]:PORT`,
 * `unix:PATH` or `unix:@NAME`.
 * @throws SounderError `EADDRESS`; `ENOTSUP` for `udp://`, which is to come
 */
export function parseEndpoint(text: string): Endpoint {
  if (typeof text !== "string") throw bad(String(text), "it is not a string");
  if (text.startsWith("unix:")) {
    return parseUnix(text.slice("unix:".length), text);
  }
  if (isDescriptor(text)) {
    throw bad(text, "a descriptor is for a server to listen on");
  }
  const [, scheme = "tcp", rest = ""] =
    /^(?:([^:/]*):\/\/)?(.*)$/s.exec(text) ?? [];
  const kind = scheme.toLowerCase();
  if (kind !== "tcp" && kind !== "tls" && kind !== "udp") {
    throw bad(text, `"${scheme}://" is not tcp://, tls:// or unix:`);
  }
  const [host, port] = splitHostPort(rest, text);
  if (kind === "udp") {
    throw new SounderError(
      `"${text}" can't be used yet: this version has no UDP`,
      "ENOTSUP",
    );
  }
  return { kind, host, port };
}

function isDescriptor(text: string): boolean {
  return /^fd:\d+$/.test(text);
}

/** As parseEndpoint(), or `fd:3`. @throws SounderError `EADDRESS` */
export function parseListenable(text: string): Listenable {
  return isDescriptor(text)
    ? { kind: "fd", fd: Number(text.slice("fd:".length)) }
    : parseEndpoint(text);
}

/** IPv4 peers of a dual-stack socket show as `::ffff:a.b.c.d`. */
export function plainHost(host: string): string {
  return host.startsWith("::ffff:") && host.includes(".")
    ? host.slice(7)
    : host;
}

/** `127.0.0.1:21567`, `[::1]:21567`. */
export function formatHostPort(host: string, port: number): string {
  const plain = plainHost(host);
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** `127.0.0.1:21567`, `tls://[::1]:21567`, `unix:/run/echo.sock`, `unix:@echo`. */
export function formatEndpoint(endpoint: Listenable): string {
  switch (endpoint.kind) {
    case "unix":
      return `unix:${endpoint.path}`;
    case "fd":
      return `fd:${endpoint.fd}`;
    case "tcp":
      return formatHostPort(endpoint.host || "localhost", endpoint.port);
    case "tls":
      return `tls://${formatHostPort(endpoint.host || "localhost", endpoint.port)}`;
  }
}

/** As formatEndpoint(), with the scheme also where it is the usual one. */
export function formatUrl(endpoint: Endpoint): string {
  const name = formatEndpoint(endpoint);
  return endpoint.kind === "tcp" ? `tcp://${name}` : name;
}
