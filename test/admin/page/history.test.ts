import { describe, expect, test } from "bun:test";

import { pageScript } from "../../support/page-script.ts";

const { History } = await pageScript("history");

describe("History", () => {
  const add = (history: InstanceType<typeof History>, second: number) =>
    history.add(
      {
        at: second * 1000,
        connections: { open: second },
        stalled: { now: 0 },
      },
      { in: second, out: second },
    );

  test("add() keeps ten minutes, of which a first is shown whole", () => {
    const history = new History();
    for (let second = 1000; second <= 1010; second += 1) add(history, second);
    expect(history.span).toEqual([950, 1010]);
    for (let second = 1011; second <= 3000; second += 1) add(history, second);
    expect(history.span).toEqual([2400, 3000]);
    for (const column of history.columns) expect(column).toHaveLength(601);
    expect(history.columns[3][0]).toBe(2400);
  });

  test("restore() shows what the server has kept, and goes on from it", () => {
    const history = new History();
    add(history, 5);
    history.restore([
      [10_000, 1000, 100, 7, 0],
      [11_000, 3000, 200, 8, 1],
      [13_000, 3000, 400, 9, 2],
      [20_000, 3700, 400, 9, 0],
    ]);
    add(history, 21);
    expect(history.columns).toEqual([
      [10, 11, 13, 14, 20, 21],
      [null, 2000, 0, null, 100, 21],
      [null, 100, 100, null, 0, 21],
      [7, 8, 9, null, 9, 21],
      [0, 1, 2, null, 0, 0],
    ]);
    // It may have seen more by now than the server had kept.
    history.restore([[19_000, 0, 0, 5, 0]]);
    expect(history.columns).toEqual([
      [19, 20, 21],
      [null, 100, 21],
      [null, 0, 21],
      [5, 9, 21],
      [0, 0, 0],
    ]);
  });

  test("restore() closes the gap to what the page has seen itself", () => {
    const history = new History();
    const at = (second: number) => ({
      at: second * 1000,
      connections: { open: 1 },
      stalled: { now: 0 },
    });
    history.add(at(12), { in: null, out: null });
    history.add(at(13), { in: 5, out: 6 });
    history.restore([[11_000, 1000, 100, 7, 0]]);
    expect(history.columns[0]).toEqual([11, 13]);
    expect(history.columns[1]).toEqual([null, 5]);
  });

  test("add() leaves a gap where nothing was heard", () => {
    const history = new History();
    for (const second of [10, 11, 20]) add(history, second);
    expect(history.columns.slice(0, 2)).toEqual([
      [10, 11, 12, 20],
      [10, 11, null, 20],
    ]);
  });

  test("add() leaves out what it was told already", () => {
    const history = new History();
    for (const second of [10, 10, 9]) add(history, second);
    expect(history.columns[0]).toEqual([10]);
  });
});
