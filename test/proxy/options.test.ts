import { expect, test } from "bun:test";

import { startProxy } from "../../src/proxy/proxy.ts";
import { failed } from "../support/failed.ts";

const BLOCK = "is not a block of addresses, such as 10.0.0.0/8";

test.each([
  [{ listen: "a b" }, "EADDRESS", 'listen: "a b" is not an address: '],
  [{ target: "a b" }, "EADDRESS", 'target: "a b" is not an address: '],
  [{ allow: ["nope"] }, "ECIDR", `allow: "nope" ${BLOCK}`],
  [{ deny: ["::/129"] }, "ECIDR", `deny: "::/129" ${BLOCK}`],
])(
  "startProxy() names the option that is wrong: %j",
  async (given, code, why) => {
    const { message, ...rest } = await failed(
      startProxy({ target: "127.0.0.1:7", ...given }),
    );
    expect(rest.code).toBe(code);
    expect(message).toStartWith(`startProxy(): ${why}`);
  },
);
