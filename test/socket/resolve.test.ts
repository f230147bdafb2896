import { describe, expect, test } from "bun:test";
import { isIP } from "node:net";

import type { Endpoint } from "../../src/address/endpoint.ts";
import { codeOf } from "../../src/errors/errors.ts";
import { resolve } from "../../src/socket/resolve.ts";

const tcp = (host: string): Endpoint => ({ kind: "tcp", host, port: 7 });

describe("resolve()", () => {
  test("resolve() puts each address of a name in its place", async () => {
    const found = await resolve({ kind: "tls", host: "localhost", port: 7 });
    expect(found).not.toBeEmpty();
    for (const endpoint of found) {
      expect(endpoint).toMatchObject({ kind: "tls", port: 7 });
      expect(isIP((endpoint as { host: string }).host)).not.toBe(0);
    }
  });

  test("resolve() takes the host nobody named for localhost", async () => {
    expect(await resolve(tcp(""))).toEqual(await resolve(tcp("localhost")));
  });

  test.each(["127.0.0.1", "::1"])("resolve() leaves %s alone", async (host) => {
    expect(await resolve(tcp(host))).toEqual([tcp(host)]);
  });

  test("resolve() leaves a path alone", async () => {
    const endpoint: Endpoint = { kind: "unix", path: "/run/echo.sock" };
    expect(await resolve(endpoint)).toEqual([endpoint]);
  });

  test("resolve() rejects with the resolver's code", async () => {
    // No label is longer than 63 characters: nobody has to be asked.
    const nowhere = `${"a".repeat(64)}.invalid`;
    expect(await resolve(tcp(nowhere)).catch(codeOf)).toBe("ENOTFOUND");
  });
});
