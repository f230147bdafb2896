import { type AddressInfo, createServer, type Socket } from "node:net";

/** A server that misbehaves, and where it does so. */
export interface Villain extends AsyncDisposable {
  address: string;
  port: number;
  /** The connections it has accepted, open or not. */
  sockets: Socket[];
}

/** @param misbehave is given each connection, which half-closes properly */
export async function villain(
  misbehave: (socket: Socket) => void,
): Promise<Villain> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    misbehave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
