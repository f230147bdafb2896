import { readLater } from "../../../protocol/cooperation/answer.ts";
import { formatDuration } from "../../../units.ts";
import { ALONE, type Finding, unknown } from "../../finding.ts";
import type { Path } from "../../path.ts";
import type { Check } from "../check.ts";

/** Small writes, their bytes, and the milliseconds between them. */
const WRITES = 12;
const BYTES = 100;
const APART = 15;
/** What joins, joins always; a busy machine joins by chance. */
const TRIES = 4;
/** A receiver that acknowledges at once for a while hides who joins. */
const APART_TIMES = 2;
/** With those in which this machine was too slow to write in time. */
const MOST_TRIES = 12;

const LINE = Buffer.from(`${"sounder ".repeat(20).slice(0, BYTES - 1)}\n`);

/** One try: when pieces were sent and came, in milliseconds, and their bytes. */
export interface Trial {
  sent: number[];
  arrived: (readonly [at: number, bytes: number])[];
  /**
   * How much longer one echo by itself takes than a segment's acknowledgement;
   * undefined where no echoes are watched, or the kernel does not tell.
   */
  echo?: number | undefined;
}

/** Whether small writes arrive apart, or joined and held back. */
export const joinCheck: Check = {
  name: "join",
  when: "beside",
  async run(path) {
    if (path.target.kind === "unix") {
      return unknown("a Unix socket has no segments", "nothing has to");
    }
    const tryOnce = path.cooperates ? tryAtServer : tryByEcho;
    const trials: Trial[] = [];
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const trial = await tryOnce(path);
      if (!isSteady(trial)) continue;
      trials.push(trial);
      const apart = trials.filter(isApartIn).length;
      if (apart === APART_TIMES) break;
      if (apart === 0 && trials.length === TRIES) break;
    }
    return findingOf(trials, path.cooperates);
  },
};

/** The server tells when each piece came. */
async function tryAtServer(path: Path): Promise<Trial> {
  await using asked = await path.ask<"arrivals">({
    ask: "arrivals",
    bytes: WRITES * BYTES,
  });
  const { conversation } = asked;
  const sent = await writeApart(path, (bytes) => conversation.write(bytes));
  const line = await conversation.answer(path.reach.timeout);
  const told = readLater(line, "arrivals");
  const arrived = (told?.arrivals ?? []).map(
    ([at, bytes]) => [at / 1000, bytes] as const,
  );
  return { sent, arrived };
}

/** An echo comes in the pieces that the server got, or in fewer. */
async function tryByEcho(path: Path): Promise<Trial> {
  await using conversation = await path.open();
  const { timeout } = path.reach;
  const one = await conversation.exchange(LINE, timeout);
  const { minRtt } = conversation.connection.tcpInfo() ?? {};
  const echo = minRtt === undefined ? undefined : one - minRtt / 1000;
  const arrived: [number, number][] = [];
  const began = performance.now();
  let seen = 0;
  const reading = (async () => {
    while (seen < WRITES * BYTES) {
      const bytes = await conversation.read(timeout);
      if (bytes === undefined) return;
      seen += bytes.length;
      arrived.push([performance.now() - began, bytes.length]);
    }
  })();
  const sent = await writeApart(path, (bytes) => conversation.write(bytes));
  await reading;
  return { sent, arrived, echo };
}

async function writeApart(
  path: Path,
  write: (bytes: Buffer) => Promise<void>,
): Promise<number[]> {
  const began = performance.now();
  const sent: number[] = [];
  for (let count = 0; count < WRITES; count += 1) {
    sent.push(performance.now() - began);
    await write(LINE);
    await path.wait(APART);
  }
  return sent;
}

/** Writes, by their places, that came together with the one before. */
export function joinedIn({ arrived }: Trial): Set<number> {
  const joined = new Set<number>();
  let write = 0;
  for (const [, bytes] of arrived) {
    const next = write + Math.max(Math.round(bytes / BYTES), 1);
    for (let one = write + 1; one < next; one += 1) joined.add(one);
    write = next;
  }
  return joined;
}

function isApartIn(trial: Trial): boolean {
  return joinedIn(trial).size === 0;
}

/**
 * The longest time between two pieces of which the second had been joined, in
 * milliseconds: so long somebody waited.
 */
export function heldIn({ arrived }: Trial): number {
  let held = 0;
  for (const [index, [at, bytes]] of arrived.entries()) {
    const before = arrived[index - 1];
    if (before !== undefined && bytes > BYTES) {
      held = Math.max(held, at - before[0]);
    }
  }
  return held;
}

/** Whether this machine wrote in time: later ones would not have been joined. */
export function isSteady({ sent }: Trial): boolean {
  return sent.every(
    (at, index) => index === 0 || at - sent[index - 1]! < 2 * APART,
  );
}

/** Those of each trial: what a busy machine joins by chance is another time not. */
export function alwaysJoined(trials: readonly Trial[]): number {
  const [first, ...rest] = trials.map(joinedIn);
  return [...(first ?? [])].filter((write) =>
    rest.every((joined) => joined.has(write)),
  ).length;
}

/**
 * Whether a server that takes one write after the other, each for longer than
 * the next one needs, shows the same. What waits for more has several at first.
 */
export function isSlowServer({ arrived, echo }: Trial): boolean {
  if (echo === undefined || echo < APART) return false;
  return (arrived[0]?.[1] ?? 0) <= BYTES;
}

function findingOf(trials: readonly Trial[], cooperates: boolean): Finding {
  const joined = alwaysJoined(trials);
  const held = Math.min(...trials.map(heldIn), Infinity);
  const evidence = {
    writes: WRITES,
    bytes: BYTES,
    millisecondsApart: APART,
    joined,
    heldMs: Number.isFinite(held) ? Math.round(held) : null,
    trials,
  };
  if (trials.some(({ arrived }) => arrived.length === 0)) {
    return unknown("nothing came back of small writes", "see echo", evidence);
  }
  const where = cooperates ? "at the server" : "back";
  const apart = trials.filter(isApartIn).length;
  const isApart = apart === APART_TIMES;
  if (!isApart && (apart > 0 || joined === 0 || trials.length < 2)) {
    return unknown(
      trials.length === 0
        ? "this machine is too busy to write in time"
        : apart > 0
          ? "some writes came together, and another time none"
          : "some writes came together, and each time others",
      "try it again, with less beside it",
      evidence,
    );
  }
  if (isApart) {
    return {
      status: "apart",
      rating: "fine",
      text: `${WRITES} small writes, ${APART} ms apart, arrived ${where} one by one`,
      means: cooperates
        ? "nothing waits for more to send; even so, one read is not one message"
        : `echoes acknowledge each write, so that Nagle's algorithm in a proxy need not show: ${ALONE}`,
      evidence,
    };
  }
  if (trials.some(isSlowServer)) {
    return unknown(
      `an echo by itself takes longer than the ${APART} ms between writes: a server that takes one after the other joins them, too`,
      ALONE,
      evidence,
    );
  }
  const signature = signatureOf(held);
  return {
    status: "joined",
    rating: "notable",
    text:
      `of ${WRITES} small writes, ${APART} ms apart, ${joined} arrived ${where} together with the one before, each of ${trials.length} times, ` +
      `after a wait of ${formatDuration(held)}${signature}`,
    means:
      "a program that takes one read for one message breaks here, and one that sends small parts of a request waits: TCP_NODELAY in the proxy (nginx `tcp_nodelay`, socat `nodelay`) or fewer, larger writes" +
      (cooperates
        ? ""
        : "; a server that looks for input only now and then would look the same"),
    evidence,
  };
}

/** Times that name who waits: Linux' and Windows' delayed acknowledgements. */
function signatureOf(held: number): string {
  if (held >= 36 && held <= 60)
    return ", as Nagle's algorithm and Linux' delayed acknowledgement (40 ms) do";
  if (held >= 180 && held <= 260)
    return ", as Nagle's algorithm and a delayed acknowledgement of 200 ms do";
  return "";
}
