import { type Pointer, read } from "bun:ffi";
import { closeSync } from "node:fs";
import { constants } from "node:os";

import { cFunctions } from "./c-library.ts";

const AF_UNIX = 1;
/** SOCK_STREAM, SOCK_NONBLOCK and SOCK_CLOEXEC: socket(2) on Linux. */
const STREAM = 0o1 | 0o4000 | 0o2000000;

type Libc = ReturnType<typeof load>;
let loaded: Libc | "not yet" = "not yet";

/** Undefined off Linux, and where the C library can't be called. */
function load() {
  if (process.platform !== "linux") return undefined;
  return cFunctions({
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
    __errno_location: { args: [], returns: "ptr" },
  });
}

/** struct sockaddr_un of unix(7), for a name whose abstract form has a NUL. */
function sockaddr(name: string): Buffer {
  const address = Buffer.alloc(2 + Buffer.byteLength(name));
  address.writeUInt16LE(AF_UNIX);
  address.write(name, 2);
  return address;
}

/**
 * Why a Unix socket can't be connected to, in the kernel's own code: Bun tells
 * a full queue (`EAGAIN`), another kind of socket (`EPROTOTYPE`) and a lack of
 * descriptors (`EMFILE`) as `ECONNREFUSED`.
 * @returns "" if it can be; undefined where the kernel can't be asked
 */
export function connectCode(name: string): string | undefined {
  const libc = loaded === "not yet" ? (loaded = load()) : loaded;
  if (libc === undefined) return undefined;
  const errno = libc.__errno_location() as Pointer;
  const codeNow = () => {
    const number = read.i32(errno, 0);
    const codes = Object.entries(constants.errno);
    return codes.find(([, known]) => known === number)?.[0];
  };
  const fd = libc.socket(AF_UNIX, STREAM, 0);
  if (fd < 0) return codeNow();
  const address = sockaddr(name);
  const code = libc.connect(fd, address, address.length) === 0 ? "" : codeNow();
  closeSync(fd);
  return code;
}
