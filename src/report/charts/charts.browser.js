// Runs in the report: draws the charts that it carries, with uPlot. What they
// show, and how each number reads, was decided when the report was made.
(() => {
  const root = document.documentElement;
  const charts = JSON.parse(document.getElementById("charts").textContent);

  const colour = (number) =>
    getComputedStyle(root).getPropertyValue(`--line-${number}`).trim();
  const muted = () => getComputedStyle(root).getPropertyValue("--muted").trim();
  const faint = () => getComputedStyle(root).getPropertyValue("--rule").trim();

  /** Leaves out labels that would stand in each other. */
  function labelsOf({ labels }, scale) {
    return (plot, splits) => {
      if (scale === "y") return labels;
      let free = -Infinity;
      return splits.map((split, index) => {
        const half = labels[index].length * 3.5;
        const at = plot.valToPos(split, scale);
        if (at - half < free) return "";
        free = at + half + 8;
        return labels[index];
      });
    };
  }

  function axisOf(axis, scale) {
    return {
      scale,
      font: "12px system-ui, sans-serif",
      stroke: muted,
      grid: { stroke: faint, width: 1 },
      ticks: { stroke: faint, width: 1, size: 4 },
      gap: 6,
      size: scale === "y" ? widthOf(axis) : 30,
      splits: () => axis.ticks,
      filter: (plot, splits) => splits,
      values: labelsOf(axis, scale),
    };
  }

  function widthOf({ labels }) {
    return Math.max(...labels.map((label) => label.length)) * 7 + 14;
  }

  /** Values that no line joins to another: they are points. */
  function isolated({ values }, bridged) {
    const known = [...values.keys()].filter((index) => values[index] != null);
    if (bridged) return known.length === 1 ? known : [];
    return known.filter(
      (index) => values[index - 1] == null && values[index + 1] == null,
    );
  }

  function pointsOf(line, bridged) {
    const fill = () => colour(line.colour);
    if (line.style === "points") return { show: true, size: 9, fill, width: 0 };
    const alone = isolated(line, bridged);
    return alone.length > 0
      ? { show: true, size: 6, fill, width: 0, filter: () => alone }
      : { show: false };
  }

  function seriesOf(line, bridged) {
    const { label, colour: number, style, texts } = line;
    const points = style === "points";
    return {
      label,
      value: (plot, value, series, index) =>
        index === null || value === null ? "–" : texts[index],
      stroke: () => colour(number),
      width: points ? 0 : 2,
      dash: style === "dashed" ? [6, 5] : [],
      fill: style === "area" ? () => `${colour(number)}22` : undefined,
      spanGaps: bridged,
      points: pointsOf(line, bridged),
    };
  }

  /** Room for the last label, of which half is beyond the end of its axis. */
  function roomRight({ labels }) {
    return Math.max(14, labels.at(-1).length * 4 + 2);
  }

  const HEIGHT = 240;
  const PAPER = { width: 336, height: 170 };

  function optionsOf(chart, width) {
    const { x, y, lines, bridged, sync } = chart;
    return {
      width,
      height: HEIGHT,
      padding: [12, roomRight(x), 0, 0],
      scales: {
        x: { time: false, distr: x.log ? 3 : 1, range: [x.min, x.max] },
        y: { distr: y.log ? 3 : 1, range: [y.min, y.max] },
      },
      axes: [axisOf(x, "x"), axisOf(y, "y")],
      series: [
        {
          label: x.label,
          value: (plot, value, series, index) =>
            index === null ? "" : x.texts[index],
        },
        ...lines.map((one) => seriesOf(one, bridged)),
      ],
      cursor: {
        drag: { x: false, y: false },
        points: { size: 8 },
        ...(sync && { sync: { key: sync } }),
      },
      hooks: {
        setLegend: [
          (plot) => plot.root.classList.toggle("idle", plot.cursor.idx == null),
        ],
      },
      legend: {
        markers: {
          width: 2,
          stroke: (plot, index) => `var(--line-${lines[index - 1].colour})`,
          dash: (plot, index) =>
            lines[index - 1].style === "dashed" ? "dashed" : "solid",
          fill: (plot, index) =>
            lines[index - 1].style === "dashed"
              ? "transparent"
              : `var(--line-${lines[index - 1].colour})`,
        },
      },
    };
  }

  const plots = charts.map((chart) => {
    const place = document.querySelector(`[data-chart="${chart.id}"]`);
    const data = [chart.x.values, ...chart.lines.map(({ values }) => values)];
    const plot = new uPlot(optionsOf(chart, place.clientWidth), data, place);
    return { place, plot };
  });

  function fit(paper) {
    for (const { place, plot } of plots) {
      plot.setSize(paper ?? { width: place.clientWidth, height: HEIGHT });
    }
  }

  const size = new ResizeObserver(() => {
    if (!root.classList.contains("paper")) fit();
  });
  for (const { place } of plots) size.observe(place);

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const { plot } of plots) plot.redraw(false, true);
  });
  // Canvases keep what was drawn: for paper they are drawn again, dark on light.
  addEventListener("beforeprint", () => {
    root.classList.add("paper");
    fit(PAPER);
  });
  addEventListener("afterprint", () => {
    root.classList.remove("paper");
    fit();
  });

  for (const button of document.querySelectorAll("[data-copy]")) {
    const command = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(command.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(command);
        button.textContent = "Selected: press Ctrl-C";
      }
    });
  }
})();
