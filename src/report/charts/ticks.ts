/** Where a scale has its ticks. */
import { highest, lowest } from "../../result/aggregates.ts";

export interface Scale {
  log: boolean;
  min: number;
  max: number;
  ticks: number[];
}

/** Above this ratio, a linear scale would hide the low values. */
const WIDE = 20;
/** From this ratio on, a tick at each power of ten is enough. */
const THIN = 1000;
/** At most about how many ticks there are on each. */
const ACROSS = 8;
const UP = 5;

/** A scale that shows all of some times or rates, from 0 where it is linear. */
export function scaleOf(values: readonly number[], mayBeLog: boolean): Scale {
  const max = highest(values, 1);
  const positive = values.filter((value) => value > 0);
  const min = lowest(positive, max);
  return mayBeLog && max / min > WIDE
    ? logScale(min, max)
    : linearScale(0, max, UP);
}

export function linearScale(min: number, max: number, most = ACROSS): Scale {
  const step = niceStep((max - min) / most);
  const ticks: number[] = [];
  for (let tick = Math.ceil(min / step); tick * step <= max; tick += 1) {
    ticks.push(tick * step);
  }
  return { log: false, min, max: max + (max - min) * 0.05, ticks };
}

export function logScale(min: number, max: number): Scale {
  const first = Math.floor(Math.log10(min));
  const last = Math.ceil(Math.log10(max));
  const ticks: number[] = [];
  for (let decade = first; decade <= last; decade += 1) {
    for (const number of max / min >= THIN ? [1] : [1, 2, 5]) {
      const tick = number * 10 ** decade;
      if (tick >= min * 0.9 && tick <= max * 1.3) ticks.push(tick);
    }
  }
  return { log: true, min: min * 0.9, max: max * 1.3, ticks };
}

/** Below, steps would vanish in what floating-point numbers can tell. */
const SMALLEST = 1e-9;

/** The smallest of …, 1, 2, 5, 10, … that is not below `least`, to a thousandth. */
export function niceStep(least: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(least, SMALLEST)));
  return [1, 2, 5, 10].find((one) => one * decade >= least * 0.999)! * decade;
}
