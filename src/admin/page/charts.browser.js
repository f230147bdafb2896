import { count, NONE, rate } from "./format.browser.js";

const HEIGHT = 220;
const FONT = "12px system-ui, sans-serif";
/** Steps between marks of what can only be whole. */
const WHOLE = Array.from({ length: 8 }, (_, power) => 10 ** power).flatMap(
  (decade) => [decade, 2 * decade, 5 * decade],
);

const style = getComputedStyle(document.documentElement);
const colour = (name) => style.getPropertyValue(`--${name}`).trim();

function clock(seconds) {
  return new Date(seconds * 1000).toTimeString().slice(0, 8);
}

/** Times at an axis; none as long as none is known. */
function clocks({ data }, splits) {
  return data[0].length > 0 ? splits.map(clock) : splits.map(() => "");
}

function axis(more) {
  return {
    font: FONT,
    stroke: () => colour("muted"),
    grid: { stroke: () => colour("rule"), width: 1 },
    ticks: { stroke: () => colour("rule"), width: 1, size: 4 },
    ...more,
  };
}

function line(label, name, value, more) {
  return {
    label,
    value: (_, number) => (number == null ? NONE : value(number)),
    stroke: () => colour(name),
    width: 2,
    points: { show: false },
    ...more,
  };
}

function chartIn(place, { span, series, values, least, incrs, names }) {
  const plot = new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      // To the right, half a time: one that is due at the very end is whole.
      padding: [12, 30, 0, 0],
      scales: {
        x: { range: span },
        y: { range: (_, low, high) => [0, Math.max(high * 1.1, least)] },
      },
      axes: [
        axis({ values: clocks, space: 80, size: 32 }),
        axis({
          values: (_, splits) => splits.map(values),
          size: 76,
          ...(incrs && { incrs }),
        }),
      ],
      series: [
        { label: "Time", value: (_, at) => (at == null ? NONE : clock(at)) },
        ...series,
      ],
      cursor: {
        drag: { x: false, y: false },
        points: { size: 8 },
        sync: { key: "time" },
      },
      legend: {
        markers: {
          width: 0,
          fill: (_, index) => `var(--${names[index - 1]})`,
        },
      },
    },
    [[], ...series.map(() => [])],
    place,
  );
  new ResizeObserver(() =>
    plot.setSize({ width: place.clientWidth, height: HEIGHT }),
  ).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    plot.redraw(false, true),
  );
  return (columns) => {
    plot.setData(columns);
    // Where nobody points, the legend tells the latest.
    if (plot.cursor.left < 0) plot.setLegend({ idx: columns[0].length - 1 });
  };
}

/** Draws a history in two places. @returns what draws it anew */
export function chartsIn(places, history) {
  const span = () => history.span;
  const throughput = chartIn(places.throughput, {
    span,
    values: (value) => rate(value).replace(/\.0+ /, " "),
    least: 1000,
    names: ["line-1", "line-2"],
    series: [
      line("Received", "line-1", rate),
      line("Sent", "line-2", rate, { dash: [6, 5] }),
    ],
  });
  const connections = chartIn(places.connections, {
    span,
    values: count,
    least: 5,
    incrs: WHOLE,
    names: ["line-1", "line-0"],
    series: [
      line("Open", "line-1", count, { fill: () => `${colour("line-1")}22` }),
      line("Stalled", "line-0", count),
    ],
  });
  return () => {
    const [times, received, sent, open, stalled] = history.columns;
    throughput([times, received, sent]);
    connections([times, open, stalled]);
  };
}
