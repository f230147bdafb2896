/** Bytes per second there and back, by message size and connections. */
import { exchange } from "../src/client/exchange.ts";
import { connect } from "../src/index.ts";
import { formatBytes, plural } from "../src/units.ts";
import { echoServer } from "./support/echo.ts";

const SIZES = [64, 1024, 16_384, 65_536, 524_288];
const CONNECTIONS = [1, 4, 64];
const MESSAGES = 100_000;
const BYTES = 500e6;
const ROUNDS = 5;

using server = await echoServer();

/** Sends `messages` of `size` bytes, and waits for the last byte back. */
async function echo(size: number, messages: number): Promise<void> {
  await using connection = await connect(server.address);
  const message = Buffer.alloc(size);
  let left = messages;
  const source = async () => (left-- > 0 ? message : undefined);
  await exchange(connection, source, () => {});
}

/** Bytes per second, each way. */
async function rate(size: number, connections: number): Promise<number> {
  const messages = Math.min(MESSAGES, Math.ceil(BYTES / size));
  const each = Math.ceil(messages / connections);
  const start = performance.now();
  await Promise.all(
    Array.from({ length: connections }, () => echo(size, each)),
  );
  const seconds = (performance.now() - start) / 1000;
  return (size * each * connections) / seconds;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function row(cells: string[]): void {
  console.log(cells.map((cell) => cell.padStart(16)).join(""));
}

row(["message", ...CONNECTIONS.map((count) => plural(count, "connection"))]);
for (const size of SIZES) {
  const cells: string[] = [`${size} B`];
  for (const connections of CONNECTIONS) {
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.push(await rate(size, connections));
    }
    cells.push(`${formatBytes(median(rates))}/s`);
  }
  row(cells);
}
