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
