import {
  age,
  bytes,
  count,
  delay,
  moment,
  NONE,
  rate,
} from "./format.browser.js";

/** `FIN 1,204`, `RST 3`: those that occurred, the most frequent first. */
function parts(counts) {
  return Object.entries(counts)
    .filter(([, number]) => number > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, number]) => `${name} ${count(number)}`);
}

function sum(counts) {
  return Object.values(counts).reduce((total, number) => total + number, 0);
}

/** `of 10,000 at most`; nothing where there is no limit. */
function most(limit, text) {
  return limit === null ? [] : [`of ${text(limit)} at most`];
}

/** Each figure's name, its value, what is said below it, and when it alarms. */
const FIGURES = [
  [
    "Connections",
    ({ connections }) => count(connections.open),
    ({ connections, limits }) => [
      ...most(limits.connections, count),
      `${count(connections.total)} since the start`,
    ],
    ({ connections, limits }) =>
      connections.open >= (limits.connections ?? Infinity),
  ],
  [
    "Received",
    (_, now) => rate(now.in),
    (snapshot) => [`${bytes(snapshot.bytes.in)} in all`],
  ],
  [
    "Sent",
    (_, now) => rate(now.out),
    (snapshot) => [`${bytes(snapshot.bytes.out)} in all`],
  ],
  [
    "Stalled",
    ({ stalled }) => count(stalled.now),
    ({ stalled }) => [`${count(stalled.ever)} since the start`],
    ({ stalled }) => stalled.now > 0,
  ],
  [
    "Pending",
    (snapshot) => bytes(snapshot.bytes.pending),
    (snapshot) => [
      ...most(snapshot.limits.pending, bytes),
      `${bytes(snapshot.bytes.dropped)} dropped in all`,
    ],
  ],
  ["Closed", ({ closed }) => count(sum(closed)), ({ closed }) => parts(closed)],
  [
    "Rejected",
    ({ connections }) => count(sum(connections.rejected)),
    ({ connections }) => parts(connections.rejected),
  ],
  [
    "Loop delay, p99",
    ({ eventLoopDelay }) => delay(eventLoopDelay.p99),
    ({ eventLoopDelay: { p50, max } }) => [
      `p50 ${delay(p50)}`,
      `max ${delay(max)}`,
    ],
  ],
  [
    "Memory",
    ({ memory }) => bytes(memory.rss),
    ({ workers: { alive, planned, restarts } }) =>
      planned === 0
        ? ["one process"]
        : [`${alive} of ${planned} workers`, `${count(restarts)} restarted`],
    ({ workers }) => workers.alive < workers.planned,
  ],
  [
    "Up",
    ({ at, startedAt }) => age(at - startedAt),
    ({ startedAt }) => [`since ${moment(startedAt)}`],
  ],
];

/** A line that breaks only between its parts, and is there without any. */
function joined(texts) {
  return (
    texts.map((text) => text.replaceAll(" ", "\u00a0")).join(" · ") || "\u00a0"
  );
}

/** Fills a list with the figures. @returns what puts new ones in their place */
export function figuresIn(list) {
  const shown = FIGURES.map(([name, value, notes, alarming]) => {
    const box = document.createElement("div");
    const [term, text, note] = ["dt", "dd", "dd"].map((tag) =>
      box.appendChild(document.createElement(tag)),
    );
    term.textContent = name;
    text.textContent = NONE;
    note.textContent = joined([]);
    list.append(box);
    return (snapshot, now) => {
      text.textContent = value(snapshot, now);
      note.textContent = joined(notes(snapshot));
      box.classList.toggle("alarming", alarming?.(snapshot) === true);
    };
  });
  return (snapshot, now) => {
    for (const show of shown) show(snapshot, now);
  };
}
