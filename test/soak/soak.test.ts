import { expect, test } from "bun:test";

import { noProc } from "../support/child.ts";
import { soak } from "./run.ts";

test.skipIf(noProc)(
  "a server that is soaked in abuse loses no byte, and keeps nothing",
  async () => {
    const soaked = await soak({
      seconds: 3,
      connections: 500,
      villains: 20,
      seed: 1,
    });
    expect(soaked).toMatchObject({ held: 500, dropped: 5000, faults: [] });
    expect(soaked.villains).toBeGreaterThan(20);
    expect(soaked.verified).toBeGreaterThan(1e6);
  },
);
