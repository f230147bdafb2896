import { type Pointer, read } from "bun:ffi";
import { closeSync } from "node:fs";
import { constants } from "node:os";

import { cFunctions } from "./c-library.ts";
import { parseIp } from "../address/ip.ts";

/** socket(2), as Linux has it. */
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
/** SOCK_NONBLOCK and SOCK_CLOEXEC. */
const FLAGS = 0o4000 | 0o2000000;

/** As Bun has it. */
const BACKLOG = 512;

type Libc = ReturnType<typeof load>;
let loaded: Libc | "not yet" = "not yet";

/** Undefined off Linux, and where the C library can't be called. */
function load() {
  if (process.platform !== "linux") return undefined;
  return cFunctions({
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    listen: { args: ["i32", "i32"], returns: "i32" },
    __errno_location: { args: [], returns: "ptr" },
  });
}

/** A struct sockaddr: its family, then what the family wants. */
function sockaddr(family: number, ...rest: Buffer[]): Buffer {
  const start = Buffer.alloc(2);
  start.writeUInt16LE(family);
  return Buffer.concat([start, ...rest]);
}

/**
 * What connect(2) says: a code; "" if it connects; undefined where the kernel
 * can't be asked.
 */
function codeOfConnect(type: number, address: Buffer): string | undefined {
  const fd = opened(type, address, "connect");
  if (typeof fd !== "number") return fd;
  closeSync(fd);
  return "";
}

/** A descriptor; or the code of what failed, undefined where it is not known. */
function opened(
  type: number,
  address: Buffer,
  act: "connect" | "listen",
): number | string | undefined {
  const libc = loaded === "not yet" ? (loaded = load()) : loaded;
  if (libc === undefined) return undefined;
  const errno = libc.__errno_location() as Pointer;
  const codeNow = () => {
    const number = read.i32(errno, 0);
    const codes = Object.entries(constants.errno);
    return codes.find(([, known]) => known === number)?.[0];
  };
  const fd = libc.socket(address.readUInt16LE(), type | FLAGS, 0);
  if (fd < 0) return codeNow();
  const failed =
    act === "connect"
      ? libc.connect(fd, address, address.length)
      : libc.bind(fd, address, address.length) || libc.listen(fd, BACKLOG);
  if (failed === 0) return fd;
  const code = codeNow();
  closeSync(fd);
  return code;
}

/**
 * A Unix socket that listens, or is connected, at a name that Bun does not take.
 * @returns its descriptor; or why not, in the kernel's own code; undefined where
 * the kernel can't be asked
 */
export function unixSocket(
  name: string,
  act: "connect" | "listen",
): number | string | undefined {
  return opened(SOCK_STREAM, sockaddr(AF_UNIX, Buffer.from(name)), act);
}

/**
 * Why a Unix socket can't be connected to, in the kernel's own code: Bun tells
 * a full queue (`EAGAIN`), another kind of socket (`EPROTOTYPE`) and a lack of
 * descriptors (`EMFILE`) as `ECONNREFUSED`.
 * @param name as the kernel has it
 * @returns "" if it can be; undefined where the kernel can't be asked
 */
export function connectCode(name: string): string | undefined {
  return codeOfConnect(SOCK_STREAM, sockaddr(AF_UNIX, Buffer.from(name)));
}

/**
 * Why there is no way to an IP address, such as `ENETUNREACH`, which Bun tells
 * as `ECONNREFUSED`. Nothing is sent: a datagram socket only looks for a route.
 * @returns "" if there is one; undefined where the kernel can't be asked
 */
export function routeCode(host: string): string | undefined {
  const ip = parseIp(host);
  if (ip === undefined) return undefined;
  const port = Buffer.from([0, 9]);
  const zeros = (length: number) => Buffer.alloc(length);
  return codeOfConnect(
    SOCK_DGRAM,
    ip.length === 4
      ? sockaddr(AF_INET, port, ip, zeros(8))
      : sockaddr(AF_INET6, port, zeros(4), ip, zeros(4)),
  );
}
