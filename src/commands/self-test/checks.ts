/** What a self-test does, each with a server and a client in this process. */
import { randomBytes, X509Certificate } from "node:crypto";
import { join } from "node:path";

import { connect } from "../../client/connect.ts";
import { exchange } from "../../client/exchange.ts";
import { Verifier } from "../../client/verifier.ts";
import { DEFAULTS } from "../../load/options.ts";
import { resultOf } from "../../load/outcome/outcome.ts";
import { run } from "../../load/run.ts";
import { formatRate, formatTime } from "../../report/numbers.ts";
import { reasonOf } from "../../report/verdict.ts";
import { startServer } from "../../server/server.ts";
import type { Approach } from "../../socket/dial/dial.ts";
import { codeOf, SounderError } from "../../errors/errors.ts";
import { formatBytes } from "../../units.ts";

/** What a check saw, or why it can't be made here. */
export interface Seen {
  text: string;
  skipped?: true;
}

const CHUNK = 64 * 1024;
const CHUNKS = 128;

/** Sends bytes that nobody could guess, then a FIN, and compares the answer. */
async function echoes(address: string, approach?: Approach): Promise<Seen> {
  await using server = await startServer({
    addresses: [address],
    reply: "raw",
  });
  const tls = server.tls && {
    fingerprint: new X509Certificate(server.tls.cert).fingerprint256,
  };
  const start = performance.now();
  await using connection = await connect(server.addresses[0], {
    ...approach,
    ...(tls && { tls }),
  });
  const verifier = new Verifier(connection.target);
  let left = CHUNKS;
  const source = async () => (left-- > 0 ? randomBytes(CHUNK) : undefined);
  await exchange(connection, source, () => {}, { verifier });
  const rate = (verifier.verified / (performance.now() - start)) * 1000;
  return {
    text: `${formatBytes(verifier.verified)} there and back, ${formatBytes(rate)}/s`,
  };
}

async function echoesOverIpv6(): Promise<Seen> {
  try {
    return await echoes("[::1]:0");
  } catch (error) {
    const code = codeOf(error);
    if (code !== "EADDRNOTAVAIL" && code !== "EAFNOSUPPORT") throw error;
    return { text: "this machine has none", skipped: true };
  }
}

async function echoesOverUnix(folder: string): Promise<Seen> {
  return process.platform === "win32"
    ? { text: "this system has none", skipped: true }
    : echoes(`unix:${join(folder, "echo.sock")}`);
}

/** `[Sun Nov  1 09:05:07 2026] hello`. */
const STAMPED = /^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\] hello$/;

async function stamps(): Promise<Seen> {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  await using connection = await connect(server.addresses[0]);
  await connection.write(Buffer.from("hello"));
  connection.finish();
  const text = Buffer.concat(await Array.fromAsync(connection)).toString();
  if (STAMPED.test(text)) return { text };
  throw new SounderError(`"${text}" is not hello with a stamp`, "EMISMATCH");
}

/** Milliseconds that are measured. */
const MEASURED = 500;

/** Two other processes measure a server in this one. */
async function measures(): Promise<Seen> {
  await using server = await startServer({
    addresses: ["127.0.0.1:0"],
    reply: "raw",
  });
  const options = {
    ...DEFAULTS,
    target: server.addresses[0]!,
    connections: 8,
    until: { duration: MEASURED },
    warmup: 0,
    workers: 2,
  };
  const never = new AbortController().signal;
  const done = await run(options, { phase() {}, second() {} }, never);
  const result = resultOf(done, [], "sounder --self-test");
  if (result.verdict === "fail") {
    throw new SounderError(reasonOf(result), "EMISMATCH");
  }
  const { rate, latency } = result;
  return {
    text: `${formatRate(rate.messages)}, half of them within ${formatTime(latency.p50)}`,
  };
}

/** @param folder for files of theirs */
type Check = (folder: string) => Promise<Seen>;

export const CHECKS: readonly [name: string, check: Check][] = [
  ["TCP over IPv4", () => echoes("127.0.0.1:0")],
  ["TCP over IPv6", echoesOverIpv6],
  ["a Unix socket", echoesOverUnix],
  ["TLS", () => echoes("tls://127.0.0.1:0")],
  ["a stamp", stamps],
  ["a load of two processes", measures],
];
