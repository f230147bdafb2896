import { type Percentile, PERCENTILES } from "../../result/percentiles.ts";
import type { GoalResult } from "../../result/result.ts";
import { COLOURS, type Line, timeLine } from "./chart.ts";

interface TimeGoal {
  text: string;
  /** The percentile, 100 for a maximum. */
  at: number;
  /** Microseconds. */
  below: number;
}

/** The goals that keep a percentile, or the maximum, below a time. */
function timeGoals(goals: readonly GoalResult[]): TimeGoal[] {
  return goals.flatMap(({ goal: text, below }) => {
    const [, what = "", digits] = /^(max|p([\d.]+)) *</.exec(text) ?? [];
    if (what === "" || below === undefined) return [];
    return [{ text, at: digits === undefined ? 100 : Number(digits), below }];
  });
}

function goalLine(
  { text, below }: TimeGoal,
  index: number,
  reaches: boolean[],
): Line {
  const values = reaches.map((here) => (here ? below : null));
  // From the last down: the first runs' lines have those from 1 up.
  const colour = COLOURS - (index % COLOURS);
  return timeLine(`goal ${text}`, colour, "dashed", values);
}

/** From end to end of a chart, the goals for the percentiles that it shows. */
export function levelLines(
  goals: readonly GoalResult[],
  percentiles: readonly Percentile[],
  points: number,
): Line[] {
  const shown: number[] = percentiles.map((key) => PERCENTILES[key]);
  return timeGoals(goals)
    .filter(({ at }) => shown.includes(at))
    .map((goal, index) =>
      goalLine(goal, index, Array<boolean>(points).fill(true)),
    );
}

/**
 * In a spectrum, up to the goal's percentile: the curve has to stay below.
 * @param rarities of the points: one message in so many takes longer
 */
export function spectrumLines(
  goals: readonly GoalResult[],
  rarities: readonly number[],
): Line[] {
  return timeGoals(goals).map((goal, index) => {
    const most = goal.at === 100 ? Infinity : 100 / (100 - goal.at);
    return goalLine(
      goal,
      index,
      // The quotient is not quite the whole number that is meant.
      rarities.map((rarity) => rarity <= most * (1 + 1e-9)),
    );
  });
}
