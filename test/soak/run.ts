import { Crowd } from "./crowd.ts";
import { type Size, Subject } from "./subject.ts";
import { targetsOf } from "./target.ts";

export interface SoakOptions {
  /** For how long villains misbehave. */
  seconds: number;
  /** Connections held open; ten times as many are made and dropped. */
  connections: number;
  /** Villains at a time. */
  villains: number;
  seed: number;
}

/** What a soak found out. */
export interface Soaked {
  seconds: number;
  held: number;
  dropped: number;
  villains: number;
  /** Bytes that came back, as they should, to those who behave. */
  verified: number;
  /** Of each server: what it has more of than at its start. */
  growth: Size[];
  /** Lines of the servers' logs that are not about one connection. */
  notices: string[];
  /** What went wrong; nothing should. */
  faults: string[];
}

/** What a server may have kept: bytes, after a collection. */
const GROWTH_MAX = 20e6;
/** Lines a second that a server may say about all that is wrong. */
const NOTICES_MAX = 4;

/** Two servers, since with PROXY headers one takes nothing else. */
export async function soak(options: SoakOptions): Promise<Soaked> {
  const { connections, villains, seed } = options;
  const dropped = 10 * connections;
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const listen = ["0.0.0.0:0", "--max-pending", "64MiB"];
  await using direct = await Subject.start(...listen, "tls://0.0.0.0:0");
  await using proxied = await Subject.start(
    ...listen,
    "--proxy-protocol",
    "--allow=127.0.0.1",
  );
  const subjects = [direct, proxied];
  const crowd = new Crowd(targetsOf(direct, proxied), seed);

  const opened = subjects.map(({ size }) => size.descriptors);
  await crowd.warmUp();
  await Promise.all(subjects.map((subject) => subject.rests()));
  const kept = subjects.map(({ size }) => size.memory);
  await crowd.gather(connections);
  const over = AbortSignal.timeout(options.seconds * 1000);
  await crowd.endure(dropped, villains, over);
  await crowd.disperse();

  const { faults } = crowd;
  const growth: Size[] = [];
  for (const [index, subject] of subjects.entries()) {
    const descriptors = opened[index]!;
    const memory = kept[index]!;
    const most = { descriptors, memory: memory + GROWTH_MAX };
    await subject.settles(most).catch((error) => faults.push(error.message));
    const { size } = subject;
    growth.push({
      descriptors: size.descriptors - descriptors,
      memory: size.memory - memory,
    });
    faults.push(...(await farewell(subject, 20 + NOTICES_MAX * elapsed())));
  }
  return {
    seconds: elapsed(),
    held: connections,
    dropped,
    villains: crowd.villains,
    verified: crowd.verified,
    growth,
    notices: subjects.flatMap(({ notices }) => notices),
    faults,
  };
}

/** Stops a server that nobody is connected to. @returns what is wrong */
async function farewell(subject: Subject, most: number): Promise<string[]> {
  const faults: string[] = [];
  for (const name of ["connections_open", "bytes_pending"]) {
    const left = await subject.metric(`sounder_${name}`);
    if (left !== 0) faults.push(`${name} is ${left}`);
  }
  const total = await subject.metric("sounder_connections_total");
  const status = await subject.stop();
  if (status !== 0) faults.push(`a server ended with ${status}`);
  const { connectionLines, notices } = subject;
  if (connectionLines !== 2 * total) {
    faults.push(`${connectionLines} lines about ${total} connections`);
  }
  if (notices.length > most) {
    faults.push(`${notices.length} notices, the last: ${notices.at(-1)}`);
  }
  return faults;
}
