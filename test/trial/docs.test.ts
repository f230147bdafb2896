import { expect, test } from "bun:test";

import { CASES } from "../../src/trial/cases.ts";

test("docs/TRIAL.md tells every case, in its own words, and no other", async () => {
  const page = await Bun.file(`${import.meta.dir}/../../docs/TRIAL.md`).text();
  const rows = page.matchAll(
    /^\| `([a-z-]+)` +\| (?:`([^`]+)`|nobody listens) +\| (.+?) +\| (.+?) +\|$/gm,
  );
  const told = [...rows].map(([, name, about, imitates, should]) => ({
    name,
    about,
    imitates,
    should,
  }));
  expect(page).toContain(`for each of ${CASES.length} faults`);
  expect(told).toEqual(
    CASES.map(({ name, about, imitates, should }) => ({
      name,
      about,
      imitates,
      should,
    })),
  );
});
