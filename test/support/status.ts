import { connect } from "node:net";

import type { Endpoint } from "../../src/address/endpoint.ts";

/**
 * The status of the answer to an HTTP request that fetch() would not make.
 * @param head the request without its closing empty line
 */
export async function statusOf(
  endpoint: Endpoint,
  head: string,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let answer = "";
  const socket =
    endpoint.kind === "unix"
      ? connect(endpoint.path)
      : connect(endpoint.port, endpoint.host);
  socket.on("connect", () => socket.write(`${head}\r\n\r\n`));
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
    const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
    if (status !== undefined) resolve(Number(status));
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`closed after "${answer}"`)));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
