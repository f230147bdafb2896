import { expect, spyOn, test } from "bun:test";

import { connectionHandlers } from "../../../src/client/connection.ts";
import { dialler } from "../../../src/socket/dial/dial.ts";
import type { Upgrade, Wire, WireHandlers } from "../../../src/socket/wire.ts";
import { FakeWire } from "../../support/fake-wire.ts";

/** A connected socket that notes what TLS on it is to be. */
class Upgradable extends FakeWire<unknown> {
  upgrade: Upgrade | undefined;

  override upgradeTLS(options?: Upgrade): never {
    this.upgrade = options;
    return [this, this] satisfies [Wire, Wire] as never;
  }
}

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
    const [[options]] = dial.mock.calls as unknown as [
      [{ socket: WireHandlers<unknown> }],
    ];
    expect(options).toMatchObject({ hostname: "192.0.2.7", port: 7 });
    const wire = new Upgradable();
    options.socket.open(wire);
    expect(wire.upgrade?.tls).toMatchObject({ serverName: name });
  },
);
