/** From a message's first byte out to its last byte back, by size. */
import { bench, run } from "mitata";

import { connect } from "../src/index.ts";
import { echoServer } from "./support/echo.ts";

using server = await echoServer();
await using connection = await connect(server.address);

async function roundTrip(message: Buffer): Promise<void> {
  const written = connection.write(message);
  let missing = message.length;
  while (missing > 0) missing -= (await connection.read())!.length;
  await written;
}

bench(
  "round trip of $size bytes",
  function* (state: { get(name: string): number }) {
    const message = Buffer.alloc(state.get("size"));
    yield () => roundTrip(message);
  },
).args("size", [1, 64, 1024, 16_384, 65_536, 262_144, 1_048_576]);

await run({ throw: true });
