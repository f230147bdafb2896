import { age, bytes, count, rate } from "./format.browser.js";

/** Each column's name, class, and what it says of a peer. */
const COLUMNS = [
  ["Peer", "peer", ({ peer }) => peer],
  ["", "stalled", ({ stalled }) => (stalled ? "stalled" : "")],
  ["Open for", "age", ({ since }, _, at) => age(at - since)],
  ["Received", "received", ({ bytesIn }) => bytes(bytesIn)],
  ["Rate in", "rate-in", (_, now) => rate(now.in)],
  ["Sent", "sent", ({ bytesOut }) => bytes(bytesOut)],
  ["Rate out", "rate-out", (_, now) => rate(now.out)],
  ["Pending", "pending", ({ pending }) => bytes(pending)],
  ["Worker", "worker", ({ worker }) => String(worker)],
];

/** What a peer calls itself is text, and never markup. */
function write(cell, text) {
  // Whoever has marked it to copy it keeps it marked.
  if (cell.textContent !== text) cell.textContent = text;
}

// A table that is laid out as none has to say that it is one.
function as(role, element) {
  element.setAttribute("role", role);
  return element;
}

function rowIn(body) {
  const row = as("row", body.insertRow());
  const cells = COLUMNS.map(([name, className]) => {
    const cell = as("cell", row.insertCell());
    cell.className = className;
    cell.dataset.name = name;
    return cell;
  });
  return (peer, now, at) => {
    COLUMNS.forEach(([, , text], index) =>
      write(cells[index], text(peer, now, at)),
    );
  };
}

/** Fills a table with peers. @returns what puts new ones in their place */
export function peersIn(table) {
  as("table", table);
  const head = as("row", as("rowgroup", table.createTHead()).insertRow());
  for (const [name, className] of COLUMNS) {
    const cell = as("columnheader", document.createElement("th"));
    cell.scope = "col";
    cell.className = className;
    cell.textContent = name;
    head.append(cell);
  }
  const body = as("rowgroup", table.createTBody());
  const rows = [];

  return ({ at, peers, workers }, meters) => {
    table.classList.toggle("alone", workers.planned < 2);
    table.classList.toggle("empty", peers.length === 0);
    while (rows.length < peers.length) rows.push(rowIn(body));
    while (rows.length > peers.length) {
      rows.pop();
      body.deleteRow(-1);
    }
    peers.forEach((peer, index) => rows[index](peer, meters[index].rate, at));
  };
}

/** How much of all that is. */
export function foundText({ peers, found, connections }, search) {
  const open = count(connections.open);
  if (search !== "") {
    if (found === 0) return `None of ${open} connections matches.`;
    const match = found === 1 ? "matches" : "match";
    const some = `${count(found)} of ${open} connections ${match}`;
    return found > peers.length
      ? `${some}; those with the most bytes are listed.`
      : `${some}.`;
  }
  if (found === 0) return "Nobody is connected.";
  return found > peers.length
    ? `The ${count(peers.length)} with the most bytes of ${count(found)}; ` +
        "those that stall come first."
    : `${count(found)} ${found === 1 ? "connection" : "connections"}.`;
}
