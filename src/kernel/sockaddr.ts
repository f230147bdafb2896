/** Address families, as Linux numbers them: socket(2). */
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/** A struct sockaddr: its family, then what the family wants. */
function sockaddr(family: number, ...rest: Buffer[]): Buffer {
  const start = Buffer.alloc(2);
  start.writeUInt16LE(family);
  return Buffer.concat([start, ...rest]);
}

/** struct sockaddr_un: unix(7). @param name as the kernel has it */
export function unixAddress(name: string): Buffer {
  return sockaddr(AF_UNIX, Buffer.from(name));
}

/**
 * struct sockaddr_in or sockaddr_in6: ip(7), ipv6(7).
 * @param ip 4 or 16 bytes
 */
export function ipAddress(ip: Buffer, port: number): Buffer {
  const inOrder = Buffer.alloc(2);
  inOrder.writeUInt16BE(port);
  const zeros = (length: number) => Buffer.alloc(length);
  return ip.length === 4
    ? sockaddr(AF_INET, inOrder, ip, zeros(8))
    : sockaddr(AF_INET6, inOrder, zeros(4), ip, zeros(4));
}

/** Its family, for socket(2). */
export function familyOf(address: Buffer): number {
  return address.readUInt16LE();
}
