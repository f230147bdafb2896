import type { Classroom, Pupil } from "./classroom.ts";
import { type Lesson, lessonOf } from "./lessons.ts";

/** All that a page shows, but for the picture. */
export interface State {
  /** Counts up: the picture is another one from each on. */
  version: number;
  /** Where the server listens; null while it is killed. */
  server: string | null;
  faults: readonly string[];
  clients: readonly Pupil[];
  /** Of the client that is looked at: the last steps, the newest first. */
  lessons: readonly (Lesson & { id: number })[];
  /** Who the server would wait for, and for how many milliseconds. */
  waits: readonly { id: number; peer: string; ms: number }[];
  /** What the picture shows, in sentences. */
  summary: readonly string[];
}

/** Sentences at once. */
const LESSONS = 8;

/** @param looking the client that is looked at */
export function stateOf(
  room: Classroom,
  looking: number,
  version: number,
): State {
  const now = Date.now();
  const events = room.events(looking);
  const lessons = events.flatMap((event, id) => {
    const lesson = lessonOf(event);
    return lesson === undefined ? [] : [{ ...lesson, id }];
  });
  return {
    version,
    server: room.address ?? null,
    faults: room.activeFaults,
    clients: room.pupils.map(({ id, state, reads, lines, local }) => ({
      id,
      state,
      reads,
      lines,
      local,
    })),
    lessons: lessons.slice(-LESSONS).toReversed(),
    waits: room.waits.map(({ id, peer, since }) => ({
      id,
      peer,
      ms: Math.max(now - since, 0),
    })),
    summary: room.diagram(looking)?.summary ?? [],
  };
}
