import { ptr } from "bun:ffi";
import { closeSync } from "node:fs";

import { cFunctions, codeAt } from "../kernel/c-library.ts";
import { familyOf, ipAddress } from "../kernel/sockaddr.ts";
import type { HostPort } from "../protocol/proxy/header.ts";
import { failure, Reason } from "../errors/errors.ts";
import { formatHostPort } from "../address/endpoint.ts";
import { formatIp, parseIp } from "../address/ip.ts";
import { LONGEST_TIMER } from "../units.ts";

/** SOCK_STREAM, SOCK_NONBLOCK and SOCK_CLOEXEC: socket(2) on Linux. */
const STREAM = 0o1 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const POLLOUT = 4;

/** An empty queue takes one connection; some kernels take a few more. */
const FILLERS = 16;
/** On one machine a connection stands at once, or not at all. */
const STANDS_WITHIN = 50;

const FUNCTIONS = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  listen: { args: ["i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
  __errno_location: { args: [], returns: "ptr" },
} as const;

function load() {
  const libc = process.platform === "linux" ? cFunctions(FUNCTIONS) : undefined;
  if (libc !== undefined) return libc;
  throw new Reason(
    "ENOTSUP",
    "backlog-full is not available here: it needs Linux's own calls",
  );
}

type Libc = ReturnType<typeof load>;

function check(libc: Libc, result: number): number {
  if (result >= 0) return result;
  const code = codeAt(libc.__errno_location()) ?? "EUNKNOWN";
  throw Object.assign(new Error(code), { code });
}

/** Whether a connection stands that has just been asked for. */
function stands(libc: Libc, fd: number): boolean {
  // struct pollfd: fd, events, revents.
  const asked = Buffer.alloc(8);
  asked.writeInt32LE(fd, 0);
  asked.writeInt16LE(POLLOUT, 4);
  return libc.poll(ptr(asked), 1n, STANDS_WITHIN) === 1;
}

/** Fills its queue with connections of our own, which nobody accepts. */
function fill(libc: Libc, address: Buffer, fds: number[]): void {
  for (let n = 0; n < FILLERS; n++) {
    const fd = check(libc, libc.socket(familyOf(address), STREAM, 0));
    fds.push(fd);
    // It is under way (EINPROGRESS), whether it ever stands or not.
    libc.connect(fd, ptr(address), address.length);
    if (!stands(libc, fd)) return;
  }
  throw new Reason("EAGAIN", "its queue takes every connection");
}

function open(libc: Libc, { address: host, port }: HostPort, fds: number[]) {
  const ip = parseIp(host);
  if (ip === undefined) throw new Reason("EADDRESS");
  const wanted = ipAddress(ip, port);
  const fd = check(libc, libc.socket(familyOf(wanted), STREAM, 0));
  fds.push(fd);
  const yes = ptr(new Int32Array([1]));
  check(libc, libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, yes, 4));
  check(libc, libc.bind(fd, ptr(wanted), wanted.length));
  check(libc, libc.listen(fd, 0));
  const length = new Uint32Array([wanted.length]);
  check(libc, libc.getsockname(fd, ptr(wanted), ptr(length)));
  // To a wildcard address Linux connects as to the loopback one.
  fill(libc, wanted, fds);
  return wanted.readUInt16BE(2);
}

/** An address where every connect hangs: it is neither accepted nor refused. */
export interface FullBacklog {
  address: string;
  port: number;
  /** From now on connects there are refused. */
  stop(): void;
}

/**
 * Listens with a queue of connections that is full, and stays so.
 * @param where an IP address and a port, 0 for a free one
 * @throws SounderError: ENOTSUP where the C library can't be called
 */
export function fullBacklog(where: HostPort): FullBacklog {
  const fds: number[] = [];
  // As a listener does, it keeps the process going.
  const alive = setInterval(() => {}, LONGEST_TIMER);
  const stop = () => {
    clearInterval(alive);
    for (const fd of fds.splice(0)) closeSync(fd);
  };
  try {
    const port = open(load(), where, fds);
    return { address: formatIp(parseIp(where.address)!), port, stop };
  } catch (error) {
    stop();
    const name = formatHostPort(where.address, where.port);
    throw failure(`cannot listen on ${name}`, error);
  }
}
