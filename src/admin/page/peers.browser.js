import { age, bytes, count, rate } from "./format.browser.js";

/**
 * Each column's name, class, what it says of a peer, and by what it is sorted:
 * first in this order, then the other way round.
 */
const COLUMNS = [
  ["Peer", "peer", ({ peer }) => peer, "peer"],
  ["", "stalled", ({ stalled }) => (stalled ? "stalled" : "")],
  ["Open for", "age", ({ since }, _, at) => age(at - since), "-age"],
  ["Received", "received", ({ bytesIn }) => bytes(bytesIn), "-received"],
  ["Rate in", "rate-in", (_, now) => rate(now.in)],
  ["Sent", "sent", ({ bytesOut }) => bytes(bytesOut), "-sent"],
  ["Rate out", "rate-out", (_, now) => rate(now.out)],
  ["Pending", "pending", ({ pending }) => bytes(pending), "-pending"],
  ["Worker", "worker", ({ worker }) => String(worker), "worker"],
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

/** The same order the other way round. */
function reversed(order) {
  return order.startsWith("-") ? order.slice(1) : `-${order}`;
}

/** What a click on a column makes of an order: its own, reversed, and none. */
export function nextSort(sort, order) {
  if (sort === order) return reversed(order);
  return sort === reversed(order) ? "" : order;
}

/** Whether rows can be sorted so. */
export function isSort(sort) {
  return COLUMNS.some(
    ([, , , order]) =>
      order !== undefined && (sort === order || sort === reversed(order)),
  );
}

function headIn(row, onSort) {
  const sortable = [];
  for (const [name, className, , order] of COLUMNS) {
    const cell = as("columnheader", document.createElement("th"));
    cell.scope = "col";
    cell.className = className;
    row.append(cell);
    if (order === undefined) {
      cell.textContent = name;
      continue;
    }
    const button = cell.appendChild(document.createElement("button"));
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => onSort(order));
    sortable.push([cell, order]);
  }
  return (sort) => {
    for (const [cell, order] of sortable) {
      const sorted = sort === order || sort === reversed(order);
      const direction = sort.startsWith("-") ? "descending" : "ascending";
      if (sorted) cell.setAttribute("aria-sort", direction);
      else cell.removeAttribute("aria-sort");
    }
  };
}

/**
 * Fills a table with peers.
 * @param onSort is told by what somebody wants them sorted
 * @returns what puts new ones in their place, and what shows how they are sorted
 */
export function peersIn(table, onSort) {
  as("table", table);
  const head = as("row", as("rowgroup", table.createTHead()).insertRow());
  const showSort = headIn(head, onSort);
  const body = as("rowgroup", table.createTBody());
  const rows = [];

  function show({ at, peers, workers }, meters) {
    table.classList.toggle("alone", workers.planned < 2);
    table.classList.toggle("empty", peers.length === 0);
    while (rows.length < peers.length) rows.push(rowIn(body));
    while (rows.length > peers.length) {
      rows.pop();
      body.deleteRow(-1);
    }
    peers.forEach((peer, index) => rows[index](peer, meters[index].rate, at));
  }
  return { show, showSort };
}

/** How much of all that is. */
export function foundText({ peers, found, connections }, search, sort) {
  const listed =
    sort === "" ? "those with the most bytes" : "the first in this order";
  const open = count(connections.open);
  if (search !== "") {
    if (found === 0) return `None of ${open} connections matches.`;
    const match = found === 1 ? "matches" : "match";
    const some = `${count(found)} of ${open} connections ${match}`;
    return found > peers.length ? `${some}; ${listed} are listed.` : `${some}.`;
  }
  if (found === 0) return "Nobody is connected.";
  if (found > peers.length && sort !== "") {
    return `The first ${count(peers.length)} of ${count(found)}, in this order.`;
  }
  return found > peers.length
    ? `The ${count(peers.length)} with the most bytes of ${count(found)}; ` +
        "those that stall come first."
    : `${count(found)} ${found === 1 ? "connection" : "connections"}.`;
}
