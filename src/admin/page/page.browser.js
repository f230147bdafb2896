// The live page: what the server tells each second, put in its place.
import { watchAttention } from "./attention.browser.js";
import { chartsIn } from "./charts.browser.js";
import { figuresIn } from "./figures.browser.js";
import { age, count } from "./format.browser.js";
import { History } from "./history.browser.js";
import { Meter, PeerMeters } from "./meter.browser.js";
import { foundText, isSort, nextSort, peersIn } from "./peers.browser.js";
import { Stream } from "./stream.browser.js";

const LIMITS = [100, 300, 1000];
/** Milliseconds after the last key. */
const TYPED = 250;

/** What the page says, by why a new connection would not be served. */
const STATES = {
  null: ["live", "Live"],
  draining: ["draining", "Draining", "No new connection is accepted."],
  "no-files": [
    "trouble",
    "Full",
    "No file descriptors left: new connections are refused.",
  ],
  "no-worker": ["trouble", "In trouble", "No worker process serves."],
};

const find = (id) => document.getElementById(id);
const state = document.querySelector(".state");
const search = find("search");
const more = find("more");
const { title } = document;

const showFigures = figuresIn(find("figures"));
const peers = peersIn(find("peers"), (order) => {
  sort = nextSort(sort, order);
  follow();
});
const history = new History();
const draw = chartsIn(
  { throughput: find("throughput"), connections: find("connections") },
  history,
);
const total = new Meter();
const meters = new PeerMeters();

const address = new URLSearchParams(location.search);
let limit =
  LIMITS.find((one) => String(one) === address.get("limit")) ?? LIMITS[0];
let searched = (address.get("search") ?? "").slice(0, search.maxLength);
search.value = searched;
let sort = address.get("sort") ?? "";
if (!isSort(sort)) sort = "";
/** Whether the charts show what was before this page. */
let isRestored = false;

function tell(kind, text, note = "") {
  const [strong, span] = state.children;
  state.dataset.state = kind;
  document.body.classList.toggle("stale", kind === "gone");
  // A screen reader says it again each time it is written.
  if (strong.textContent !== text) strong.textContent = text;
  span.textContent = note;
}

/** Without it, the charts begin with this page. */
async function restore() {
  isRestored = true;
  try {
    history.restore(await (await fetch("/history")).json());
    draw();
  } catch {
    isRestored = false;
  }
}

const stream = new Stream({
  snapshot(snapshot) {
    if (!isRestored) void restore();
    const { at, bytes } = snapshot;
    const { rate } = total.read(at, { in: bytes.in, out: bytes.out });
    tell(...STATES[snapshot.unready]);
    document.title = `${count(snapshot.connections.open)} open · ${title}`;
    history.add(snapshot, rate);
    draw();
    showFigures(snapshot);
    peers.show(snapshot, meters.read(snapshot));
    find("found").textContent = foundText(snapshot, searched, sort);
    more.hidden = snapshot.found <= limit || limit === LIMITS.at(-1);
  },
  trouble({ message }) {
    tell("trouble", "In trouble", message);
  },
  silence(ms) {
    isRestored = false;
    document.title = `gone · ${title}`;
    tell("gone", "No answer", `for ${age(ms)}; trying again.`);
  },
});

function follow() {
  const query = new URLSearchParams({ search: searched, limit });
  if (sort !== "") query.set("sort", sort);
  peers.showSort(sort);
  const kept = new URLSearchParams(query);
  if (searched === "") kept.delete("search");
  if (limit === LIMITS[0]) kept.delete("limit");
  window.history.replaceState(null, "", kept.size > 0 ? `/?${kept}` : "/");
  stream.open(query);
}

let typed;
search.addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(() => {
    searched = search.value.trim();
    follow();
  }, TYPED);
});
more.addEventListener("click", () => {
  limit = LIMITS[LIMITS.indexOf(limit) + 1];
  follow();
});

watchAttention(document, {
  lost() {
    isRestored = false;
    stream.close();
  },
  back: follow,
});

follow();
