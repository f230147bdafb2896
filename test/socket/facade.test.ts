import { describe, expect, test } from "bun:test";

import { Facade } from "../../src/socket/facade.ts";
import type { Wire } from "../../src/socket/wire.ts";
import { FakeWire } from "../support/fake-wire.ts";

/** The members that `interface Wire` declares, as its source has them. */
async function members(): Promise<string[]> {
  const file = `${import.meta.dir}/../../src/socket/wire.ts`;
  const text = await Bun.file(file).text();
  const [, body = ""] = /^export interface Wire<[^{]*\{\n([^]*?)^\}/m.exec(
    text,
  )!;
  const code = body.replaceAll(/\/\*\*[^]*?\*\//g, "");
  return Array.from(
    code.matchAll(/^ {2}(?:readonly )?(\w+\??)[:(]/gm),
    ([, name]) => name!,
  );
}

describe("Facade", () => {
  test("nothing in Wire is optional", async () => {
    const names = await members();
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => name.endsWith("?"))).toEqual([]);
  });

  test("Facade forwards every member of Wire, and returns what it returns", async () => {
    for (const name of await members()) {
      // A facade is its socket's data, and has data of its own.
      if (name === "data") continue;
      const told: unknown[] = [];
      const inner = new Proxy(new FakeWire(), {
        get(target, key) {
          const is = Reflect.get(target, key) as unknown;
          if (key !== name) return is;
          told.push(key);
          if (typeof is !== "function") return "the answer";
          return (...args: unknown[]) => {
            told.push(...args);
            if (name === "upgradeTLS") return [new FakeWire(), "the answer"];
            return "the answer";
          };
        },
      });
      const facade = new Facade(inner) as unknown as Record<string, unknown>;
      const descriptor = Object.getOwnPropertyDescriptor(
        Facade.prototype,
        name,
      );
      expect({ name, has: descriptor !== undefined }).toEqual({
        name,
        has: true,
      });
      if (descriptor!.get !== undefined) {
        expect(facade[name]).toBe("the answer");
        expect(told).toEqual([name]);
        continue;
      }
      const args = [Buffer.from("hello"), 1, 2];
      const given = args.slice(
        0,
        name === "write" ? 3 : (facade[name] as () => void).length,
      );
      const answer = (facade[name] as (...all: unknown[]) => unknown)(...given);
      expect(told).toEqual([name, ...given]);
      const returns = ["write", "setKeepAlive"].includes(name);
      if (returns) expect(answer).toBe("the answer");
      if (name === "upgradeTLS") expect(answer).toEqual([facade, "the answer"]);
    }
  });

  test("Facade stays its socket's, when TLS begins on that", () => {
    const [below, secure] = [new FakeWire(), new FakeWire()];
    const inner = new FakeWire();
    inner.upgradeTLS = (() => [below, secure]) as never;
    const facade = new Facade<unknown>(inner);
    const options = { tls: {}, data: undefined, socket: {} };
    const both: [Wire, Wire] = facade.upgradeTLS(options as never);
    expect(both).toEqual([facade, secure]);
    expect(below.data).toBe(facade);
    facade.terminate();
    expect([inner.acts, below.acts]).toEqual([[], ["terminate"]]);
  });
});
