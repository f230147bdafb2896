import { expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { Tracer } from "../../src/socket/trace/tracer.ts";
import { run } from "../support/cli.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { peerProgram } from "../support/peer.ts";
import { serving } from "../support/serving.ts";

const ss = peerProgram("ss");

const tracer = new Tracer("server", () => {});
const PLACES: [address: string, how: string, options: ServerOptions][] = [
  ["127.0.0.1:0", "plainly", {}],
  ["tls://127.0.0.1:0", "plainly", {}],
  ["127.0.0.1:0", "with a trace", { trace: tracer }],
  ["127.0.0.1:0", "behind a header", { proxyProtocol: true }],
  [
    "tls://127.0.0.1:0",
    "with a trace, behind a header",
    { trace: tracer, proxyProtocol: true },
  ],
];

test.skipIf(ss === undefined).each(PLACES)(
  "a server on %s finds out who vanished, %s",
  async (address, _, options) => {
    await using server = await serving({ addresses: [address], ...options });
    const { endpoint } = server;
    if (!("port" in endpoint)) throw new Error("no port");
    const tls = endpoint.kind === "tls" ? { insecure: true } : undefined;
    const sendProxy = options.proxyProtocol ? 2 : undefined;
    await using peer = await connect(endpoint, { tls, sendProxy });
    await expectEcho(peer, "hello");
    const ours = ["state", "established", "sport", `= :${endpoint.port}`];
    const command = [ss!, "--tcp", "--options", ...ours];
    // As long as something is not acknowledged there is another timer.
    let told = "";
    while (!told.includes("keepalive")) told = (await run(command)).stdout;
    expect(told).toMatch(/timer:\(keepalive,[\d.]+(sec|min)/);
  },
);
