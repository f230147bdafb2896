import { WORDS } from "./words.browser.js";

const token = document.querySelector("meta[name=token]").content;
const find = (id) => document.getElementById(id);

let language = navigator.language.startsWith("zh") ? "zh" : "en";
let looking = 1;
let state = { clients: [], lessons: [], waits: [], faults: [], summary: [] };
let events;
let drawn = "";

const word = (name) => WORDS[language][name] ?? name;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  return made;
}

/** Puts children in an element, only where they are others than before. */
function fill(parent, children) {
  const key = children.map(({ outerHTML }) => outerHTML).join("");
  if (parent.dataset.key === key) return false;
  parent.dataset.key = key;
  parent.replaceChildren(...children);
  return true;
}

async function act(name, more = {}) {
  await fetch("/do", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify({ act: name, client: looking, ...more }),
  });
}

function look(client) {
  looking = client;
  drawn = "";
  watch();
}

function watch() {
  events?.close();
  events = new EventSource(`/events?client=${looking}`);
  events.addEventListener("message", ({ data }) => {
    state = JSON.parse(data);
    show();
  });
}

function showWords() {
  document.documentElement.lang = language;
  find("language").value = language;
  for (const one of document.querySelectorAll("[data-word]")) {
    one.textContent = word(one.dataset.word);
  }
  find("text").placeholder = word("type");
  show();
}

function show() {
  const { server, clients, lessons } = state;
  const own = clients.find(({ id }) => id === looking);
  find("server").textContent = server
    ? `${word("listening")} ${server}`
    : word("killed");
  showClients(clients);
  showLines(own);
  showButtons(own, server);
  showLessons(lessons);
  showWaits();
  showPicture(own);
}

function showClients(clients) {
  const tabs = clients.map(({ id, state: phase, reads }) => {
    const how = phase === "gone" ? "gone" : reads ? "" : "paused";
    const told = phase === "finished" ? "finished" : how;
    const mark = told === "" ? "" : ` (${word(told)})`;
    const tab = element("button", `${word("client")} ${id}${mark}`, {
      type: "button",
      "aria-pressed": String(id === looking),
      "data-client": String(id),
    });
    return tab;
  });
  const more = element("button", word("newClient"), {
    type: "button",
    "data-new": "",
  });
  fill(find("clients"), [...tabs, more]);
}

const SIGNS = { client: ">", server: "<", note: "·" };

function showLines(own) {
  const lines = (own?.lines ?? []).map(({ from, text }) =>
    element("p", `${SIGNS[from]} ${text}`, { class: from }),
  );
  const log = find("lines");
  if (fill(log, lines)) log.scrollTop = log.scrollHeight;
}

function showButtons(own, server) {
  const isOpen = own !== undefined && own.state !== "gone";
  const can = {
    finish: own?.state === "open",
    reset: isOpen,
    "stop-reading": own?.state === "open" && own.reads,
    "read-again": isOpen && !own.reads,
    kill: server !== null,
    start: server === null,
  };
  for (const button of document.querySelectorAll("[data-act]")) {
    button.disabled = !can[button.dataset.act];
  }
  find("text").disabled = own?.state !== "open";
}

function showLessons(lessons) {
  const items = lessons.map(({ en, zh, code }) => {
    const item = element("li", language === "zh" ? zh : en);
    const link = element("a", word("code"), {
      href: `/code?file=${code}`,
      target: "_blank",
      rel: "noopener",
    });
    item.append(" ", link);
    return item;
  });
  fill(find("lessons"), items);
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(0)} s`;
}

function showWaits() {
  const isLoop = document.querySelector("[name=how]:checked").value === "loop";
  const each = state.waits.map(({ id, peer, ms }) => {
    const who = `${word("client")} ${id} (${peer})`;
    return isLoop
      ? `${who}: ${word("waits")} ${seconds(ms)}`
      : `${who}: ${word("blocked")}, ${seconds(ms)}`;
  });
  const first = isLoop ? word("epoll") : word("main");
  const texts = state.server === null ? [] : [first, ...each];
  fill(
    find("waits"),
    texts.map((text) => element("li", text)),
  );
  find("explained").textContent = word(isLoop ? "loopText" : "threadText");
}

function showPicture(own) {
  const picture = find("svg");
  picture.hidden = own === undefined;
  if (own === undefined) return;
  const key = `${looking}:${state.version}`;
  if (key === drawn) return;
  drawn = key;
  picture.src = `/picture.svg?client=${looking}&version=${state.version}`;
  picture.alt = state.summary.join(" ");
}

document.addEventListener("click", async ({ target }) => {
  const { client, act: name } = target.dataset;
  if (client !== undefined) look(Number(client));
  else if (target.dataset.new !== undefined) {
    await act("open");
    look(state.clients.length + 1);
  } else if (name !== undefined) {
    await act(name);
  }
});
find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = find("text");
  const text = field.value;
  field.value = "";
  // As in the tutorial: an empty line ends the conversation.
  void (text === "" ? act("finish") : act("send", { text }));
});
find("fault").addEventListener("change", ({ target }) =>
  act("faults", { text: target.value }),
);
find("language").addEventListener("change", ({ target }) => {
  language = target.value;
  showWords();
});
for (const one of document.querySelectorAll("[name=how]")) {
  one.addEventListener("change", showWaits);
}
showWords();
watch();
