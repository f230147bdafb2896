import {
  type Figure,
  metricsIn,
  type Note,
  type Unit,
} from "../../status/metric.ts";
import { METRICS } from "../../status/metrics.ts";

/** Where a snapshot has a value, and how it is written. */
interface Place {
  path: string;
  unit: Unit;
}

/** A figure of the page, with the notes that belong to it. */
export interface FigureView extends Figure, Place {
  notes: (Omit<Note, "of"> & Place)[];
}

/** All of them, as the table of metrics has them: plain data, for a script. */
export const figures: readonly FigureView[] = figuresOf();

function figuresOf(): FigureView[] {
  const metrics = [...metricsIn(METRICS)].map(([path, metric]) => ({
    ...metric,
    place: { path, unit: metric.unit ?? "count" },
  }));
  return metrics.flatMap(({ figure, place }) => {
    if (figure === undefined) return [];
    const notes = metrics.flatMap(({ note, place: noted }) => {
      if (note?.of !== figure.name) return [];
      const { of: _, ...said } = note;
      return { ...said, ...noted };
    });
    return { ...figure, ...place, notes };
  });
}
