import { expect, spyOn, test } from "bun:test";

import { connectionHandlers } from "../../src/client/connection.ts";
import { dialler } from "../../src/socket/dial.ts";
import type { WireHandlers } from "../../src/socket/wire.ts";

test.each([
  ["", "localhost"],
  ["echo.test", "echo.test"],
])(
  "dialler() asks %j, as it was named, for the certificate of %s",
  async (host, name) => {
    using dial = spyOn(Bun, "connect").mockResolvedValue({} as never);
    const target = { kind: "tls", host, port: 7 } as const;
    const handlers = connectionHandlers as WireHandlers<unknown>;
    const { dial: open } = dialler(target, {}, handlers, () => {});
    await open({ ...target, host: "192.0.2.7" }, undefined);
    const [[options]] = dial.mock.calls as unknown as [[object]];
    expect(options).toMatchObject({
      hostname: "192.0.2.7",
      port: 7,
      tls: { serverName: name },
    });
  },
);
