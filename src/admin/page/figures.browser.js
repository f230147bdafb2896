import {
  age,
  bytes,
  count,
  delay,
  moment,
  NONE,
  rate,
} from "./format.browser.js";
import { Meter } from "./meter.browser.js";

/** How a value is written, by its unit. */
const UNITS = { count, bytes, seconds: delay, moment };

/** What a snapshot has at a path, such as `bytes.in`. */
function valueAt(snapshot, path) {
  return path.split(".").reduce((inside, name) => inside[name], snapshot);
}

/** `FIN 1,204`, `RST 3`: those that occurred, the most frequent first. */
function parts(counts) {
  return Object.entries(counts)
    .filter(([, number]) => number > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, number]) => `${name} ${count(number)}`);
}

function isCounts(value) {
  return typeof value === "object" && value !== null;
}

function sum(counts) {
  return Object.values(counts).reduce((total, number) => total + number, 0);
}

function noteOf({ path, unit, text, zero, where }, snapshot) {
  const value = valueAt(snapshot, path);
  // Of a limit that there is not.
  if (value === null) return [];
  if (where !== undefined && valueAt(snapshot, where) === 0) return [];
  if (value === 0 && zero !== undefined) return [zero];
  return [text.replace("{}", UNITS[unit](value))];
}

/** What is said below a figure: its parts, if it has some, and its notes. */
export function notesOf({ path, notes }, snapshot) {
  const value = valueAt(snapshot, path);
  const said = notes.flatMap((note) => noteOf(note, snapshot));
  return isCounts(value) ? [...parts(value), ...said] : said;
}

/** Whether a figure is to be marked. */
export function isAlarming({ alarm }, snapshot) {
  if (alarm === undefined) return false;
  const [path, comparison, other] = alarm;
  const value = valueAt(snapshot, path);
  const bound = typeof other === "string" ? valueAt(snapshot, other) : other;
  if (bound === null) return false;
  return comparison === "<" ? value < bound : value >= bound;
}

/** @param meter knows what the figure was before */
export function valueOf({ path, unit, as }, snapshot, meter) {
  const value = valueAt(snapshot, path);
  const number = isCounts(value) ? sum(value) : value;
  if (number === null) return NONE;
  if (as === "rate")
    return rate(meter.read(snapshot.at, { number }).rate.number);
  return as === "age" ? age(snapshot.at - number) : UNITS[unit](number);
}

/** A line that breaks only between its parts, and is there without any. */
function joined(texts) {
  return (
    texts.map((text) => text.replaceAll(" ", "\u00a0")).join(" · ") || "\u00a0"
  );
}

/** Fills the figures of a list. @returns what puts new ones in their place */
export function figuresIn(list) {
  const shown = [...list.children].map((box) => {
    const figure = JSON.parse(box.dataset.figure);
    const [value, note] = box.querySelectorAll("dd");
    const meter = new Meter();
    value.textContent = NONE;
    note.textContent = joined([]);
    return (snapshot) => {
      value.textContent = valueOf(figure, snapshot, meter);
      note.textContent = joined(notesOf(figure, snapshot));
      box.classList.toggle("alarming", isAlarming(figure, snapshot));
    };
  });
  return (snapshot) => {
    for (const show of shown) show(snapshot);
  };
}
