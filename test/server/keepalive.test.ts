import { expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import { run } from "../support/cli.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { peerProgram } from "../support/peer.ts";
import { serving } from "../support/serving.ts";

const ss = peerProgram("ss");

test.skipIf(ss === undefined).each(["127.0.0.1:0", "tls://127.0.0.1:0"])(
  "a server on %s finds out who vanished",
  async (address) => {
    await using server = await serving({ addresses: [address] });
    const { endpoint } = server;
    if (!("port" in endpoint)) throw new Error("no port");
    const tls = endpoint.kind === "tls" ? { insecure: true } : undefined;
    await using peer = await connect(endpoint, { tls });
    await expectEcho(peer, "hello");
    const ours = ["state", "established", "sport", `= :${endpoint.port}`];
    const command = [ss!, "--tcp", "--options", ...ours];
    // As long as something is not acknowledged there is another timer.
    let told = "";
    while (!told.includes("keepalive")) told = (await run(command)).stdout;
    expect(told).toMatch(/timer:\(keepalive,[\d.]+(sec|min)/);
  },
);
