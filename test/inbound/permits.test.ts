import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { Admission } from "../../src/inbound/admission.ts";
import {
  Permits,
  type PermitsOptions,
  type Refusal,
  ServerPermit,
} from "../../src/inbound/permits.ts";

const FIXED = { seed: 20261125, numRuns: 500 };

/** Two names each of three holders, as sockets tell them. */
const NAMES = [
  ["192.0.2.1", "::ffff:192.0.2.1"],
  ["192.0.2.2", "::ffff:192.0.2.2"],
  ["2001:db8::1", "2001:db8::ffff:0:0:2"],
];

function permitsOf(options: PermitsOptions, deny: string[] = []): Permits {
  return new Permits(new Admission({ deny }), options);
}

/** A permit, which must be given. */
function given(permit: ServerPermit | Refusal): ServerPermit {
  expect(permit).toBeInstanceOf(ServerPermit);
  return permit as ServerPermit;
}

describe("Permits", () => {
  test("Permits counts places and holders, whatever comes and goes when", () => {
    const step = fc.record({
      holder: fc.nat(2),
      name: fc.nat(1),
      /** It comes, its address known at once or later, or another goes. */
      what: fc.constantFrom("known", "later", "goes"),
      /** How often one that goes is released. */
      times: fc.integer({ min: 1, max: 3 }),
    });
    const most = { maxConnections: 6, maxConnectionsPerIp: 3 };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const permits = permitsOf(most);
        const inside: ServerPermit[][] = [[], [], []];
        for (const { holder, name, what, times } of steps) {
          const here = inside[holder]!;
          if (what === "goes") {
            const permit = here.shift();
            for (let n = 0; n < times; n += 1) permit?.release();
            continue;
          }
          const all = inside.flat().length;
          const address = NAMES[holder]![name]!;
          let permit = permits.acquire(what === "known" ? address : undefined);
          if (what === "later" && permit instanceof ServerPermit) {
            const refusal = permit.assign(address);
            if (refusal !== undefined) {
              permit.release();
              permit = refusal;
            }
          }
          if (all >= most.maxConnections) {
            expect(permit).toBe("max-connections");
          } else if (here.length >= most.maxConnectionsPerIp) {
            expect(permit).toBe("max-connections-per-ip");
          } else {
            here.push(given(permit));
          }
          expect(permits.taken).toBe(inside.flat().length);
        }
      }),
      FIXED,
    );
  });

  test("Permits counts neighbouring /64s apart", () => {
    const permits = permitsOf({ maxConnectionsPerIp: 1 });
    given(permits.acquire("2001:db8:0:1::1"));
    given(permits.acquire("2001:db8:0:2::1"));
    expect(permits.acquire("2001:db8:0:1:ffff::")).toBe(
      "max-connections-per-ip",
    );
  });

  test("Permits leaves who has no address to a socket's permissions", () => {
    const admission = new Admission({ allow: ["10.0.0.1"] });
    const permits = new Permits(admission, {
      maxConnections: 2,
      maxConnectionsPerIp: 1,
    });
    given(permits.acquire(undefined));
    const second = given(permits.acquire(undefined));
    expect(permits.acquire(undefined)).toBe("max-connections");
    second.release();
    given(permits.acquire(undefined));
  });

  test("Permits refuses all while there are no files, and takes nothing then", () => {
    const permits = permitsOf({});
    permits.outOfFiles = true;
    expect(permits.acquire("192.0.2.1")).toBe("no-files");
    expect(permits.taken).toBe(0);
    permits.outOfFiles = false;
    given(permits.acquire("192.0.2.1"));
  });

  test("Permits takes no place for who is denied, at once or later", () => {
    const permits = permitsOf({ maxConnections: 1, maxConnectionsPerIp: 1 }, [
      "192.0.2.66",
    ]);
    expect(permits.acquire("192.0.2.66")).toBe("deny");
    const permit = given(permits.acquire(undefined));
    expect(permit.assign("192.0.2.66")).toBe("deny");
    permit.release();
    expect(permits.taken).toBe(0);
    given(permits.acquire("192.0.2.1"));
  });

  test("a permit that was refused an address's place gives none of it back", () => {
    const permits = permitsOf({ maxConnectionsPerIp: 1 });
    given(permits.acquire("192.0.2.1"));
    const over = given(permits.acquire(undefined));
    expect(over.assign("192.0.2.1")).toBe("max-connections-per-ip");
    over.release();
    expect(permits.acquire("192.0.2.1")).toBe("max-connections-per-ip");
    expect(permits.taken).toBe(1);
  });
});
