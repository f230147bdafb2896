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
