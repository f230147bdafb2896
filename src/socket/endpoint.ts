import { isIPv4, isIPv6 } from "node:net";

import { SounderError } from "./errors.ts";

export const DEFAULT_PORT = 21567;

/** sun_path holds 108 bytes on Linux, one of them the closing NUL: unix(7). */
const UNIX_PATH_MAX = 107;

/**
 * Where a socket is, or would be. An empty host is the one nobody named: every
 * interface to a server, `localhost` to a client.
 */
export type Endpoint =
  | { kind: "tcp" | "tls"; host: string; port: number }
  | { kind: "unix"; path: string };

/** Where to listen; or what listens already, given to us as a descriptor. */
export type Listenable =
  Endpoint | { kind: "fd"; fd: number; tls?: boolean | undefined };

/** Whether TLS is spoken there. */
export function isSecure(place: Listenable): boolean {
  return place.kind === "tls" || (place.kind === "fd" && place.tls === true);
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

function splitHostPort(rest: string, text: string): [string, number] {
  if (rest === "") throw bad(text, "there is neither host nor port");
  if (/^\d+$/.test(rest)) return ["", parsePort(rest, text)];
  if (isIPv6(rest)) return [rest, DEFAULT_PORT];
  if (rest.startsWith("[")) {
    const [, host = "", , port] = /^\[([^\]]*)\](:(.*))?$/.exec(rest) ?? [];
    if (!isIPv6(host)) throw bad(text, "brackets hold an IPv6 address");
    return [host, port === undefined ? DEFAULT_PORT : parsePort(port, text)];
  }
  const colon = rest.indexOf(":");
  const host = colon < 0 ? rest : rest.slice(0, colon);
  const port = colon < 0 ? undefined : rest.slice(colon + 1);
  if (port?.includes(":")) {
    throw bad(text, "an IPv6 address with a port needs brackets, as [::1]:80");
  }
  if (/[^A-Za-z0-9._-]/.test(host)) throw bad(text, `"${host}" is not a host`);
  if (/^\d+(\.\d+){3}$/.test(host) && !isIPv4(host)) {
    throw bad(text, `"${host}" is not an IPv4 address`);
  }
  return [host, port === undefined ? DEFAULT_PORT : parsePort(port, text)];
}

/**
 * Reads `[tcp://|tls://]HOST:PORT`, `HOST`, `:PORT`, `PORT`, `[V6]:PORT` or
 * `unix:PATH`.
 * @throws SounderError `EADDRESS`
 */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    if (path === "") throw bad(text, "the path is missing");
    if (Buffer.byteLength(path) > UNIX_PATH_MAX) {
      throw bad(text, `a socket's path has at most ${UNIX_PATH_MAX} bytes`);
    }
    return { kind: "unix", path };
  }
  const [, scheme = "tcp", rest = ""] =
    /^(?:([^:/]*):\/\/)?(.*)$/s.exec(text) ?? [];
  if (scheme !== "tcp" && scheme !== "tls") {
    throw bad(text, `"${scheme}://" is not tcp://, tls:// or unix:`);
  }
  const [host, port] = splitHostPort(rest, text);
  return { kind: scheme, host, port };
}

/** As parseEndpoint(), or `fd:3`. @throws SounderError `EADDRESS` */
export function parseListenable(text: string): Listenable {
  const [, fd] = /^fd:(\d+)$/.exec(text) ?? [];
  return fd === undefined
    ? parseEndpoint(text)
    : { kind: "fd", fd: Number(fd) };
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

/** `127.0.0.1:21567`, `tls://[::1]:21567`, `unix:/run/echo.sock`. */
export function formatEndpoint(endpoint: Listenable): string {
  if (endpoint.kind === "unix") return `unix:${endpoint.path}`;
  if (endpoint.kind === "fd") return `fd:${endpoint.fd}`;
  const address = formatHostPort(endpoint.host || "localhost", endpoint.port);
  return endpoint.kind === "tls" ? `tls://${address}` : address;
}
