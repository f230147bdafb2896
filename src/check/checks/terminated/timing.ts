import type { Path } from "../../path.ts";

/** Echoes of which the fastest counts, on each of some connections. */
const ECHOES = 20;
const CONNECTIONS = 3;

const LINE = Buffer.from("sounder\n");

/** The shortest times that were seen, in milliseconds. */
export interface Timing {
  /** Of a segment and its acknowledgement; undefined: not measured. */
  roundTrip: number | undefined;
  /** Of a line and its echo. */
  echo: number;
  /** From our FIN to the server's: no answer has to be thought of. */
  finish: number | undefined;
}

/** Lines that follow one another before the first echo, and how often. */
const LINES = 4;
const TRIES = 5;

/** Measures how far the nearest end of TCP is, and how far the server. */
export async function measureTiming(path: Path): Promise<Timing> {
  const timing: Timing = {
    roundTrip: undefined,
    echo: Infinity,
    finish: undefined,
  };
  for (let one = 0; one < CONNECTIONS; one += 1) {
    const { roundTrip, echo, finish } = await measureOne(path);
    timing.echo = Math.min(timing.echo, echo);
    timing.roundTrip = least(timing.roundTrip, roundTrip);
    timing.finish = least(timing.finish, finish);
  }
  return timing;
}

async function measureOne(path: Path): Promise<Timing> {
  await using conversation = await path.open();
  const { timeout } = path.reach;
  let echo = Infinity;
  for (let tries = 0; tries < ECHOES; tries += 1) {
    echo = Math.min(echo, await conversation.exchange(LINE, timeout));
  }
  const { connection } = conversation;
  const minRtt = connection.tcpInfo()?.minRtt;
  const began = performance.now();
  connection.finish();
  const end = await conversation.end(timeout);
  const finish = end === "FIN" ? performance.now() - began : undefined;
  return {
    roundTrip: minRtt === undefined ? undefined : minRtt / 1000,
    echo,
    finish,
  };
}

function least(one: number | undefined, other: number | undefined) {
  if (one === undefined) return other;
  return other === undefined ? one : Math.min(one, other);
}

/**
 * Whether lines that follow one another are each echoed after the time that one
 * alone takes, as a distance does. A server that takes one after the other, or
 * looks for input now and then, takes longer for some, or less.
 * @param echo milliseconds that one alone takes
 */
export async function isDistance(path: Path, echo: number): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const times = await measureLines(path, echo / (LINES + 1));
    if (areAlike(times, echo)) return true;
  }
  return false;
}

export function areAlike(times: readonly number[], echo: number): boolean {
  return times.every((time) => time > 0.75 * echo && time < 1.35 * echo);
}

async function measureLines(path: Path, apart: number): Promise<number[]> {
  await using conversation = await path.open();
  const { timeout } = path.reach;
  await conversation.exchange(LINE, timeout);
  const sent: number[] = [];
  const writing = (async () => {
    for (let line = 0; line < LINES; line += 1) {
      if (line > 0) await path.wait(apart);
      sent.push(performance.now());
      await conversation.write(LINE);
    }
  })();
  writing.catch(() => {});
  const times: number[] = [];
  let bytes = 0;
  while (times.length < LINES) {
    const chunk = await conversation.read(timeout);
    if (chunk === undefined) break;
    bytes += chunk.length;
    while (bytes >= (times.length + 1) * LINE.length) {
      times.push(performance.now() - sent[times.length]!);
    }
  }
  await writing;
  // A FIN before the last echo: nothing was measured.
  return times.length === LINES ? times : [Infinity];
}
