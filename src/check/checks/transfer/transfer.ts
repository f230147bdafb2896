import type { Endpoint } from "../../../address/endpoint.ts";
import { unknown } from "../../finding.ts";
import type { Conversation } from "../../conversation.ts";
import type { Path } from "../../path.ts";
import type { Check, Tell } from "../check.ts";
import { EchoLoad, type Moved } from "./echo-load.ts";
import { type Busy, findingOf, type Transferred } from "./finding.ts";
import { down, up } from "./one-way.ts";
import { Probes } from "./probes.ts";

/** Milliseconds for both ways at once, and for each alone. */
const TIME = 10_000;
const ONE_WAY = 5000;
/** Milliseconds for what is under way once that is over. */
const REST = 5000;
/** Bytes that are under way where little is: less than any buffer. */
const LITTLE = 4096;
/** Bytes that are tried again behind the place where a connection failed. */
const BEHIND = 4 * 2 ** 20;

const LINE = Buffer.from("sounder\n");
const IDLE_EXCHANGES = 5;

/** How many bytes a second go each way, and how fast answers are meanwhile. */
export const transferCheck: Check = {
  name: "transfer",
  when: "last",
  applies: ({ reach }) => reach.transfer > 0,
  async run(path, tell) {
    const { transfer: bytes } = path.reach;
    if (bytes === 0) {
      return unknown(
        "no bytes were to be transferred",
        "--transfer 64MiB would show it",
      );
    }
    const idleMs = await idleRoundTrip(path);
    tell("both ways at once");
    const [echo, busy] = await echoUnderProbes(path, bytes);
    const isBroken = !["all", "time"].includes(echo.end);
    const found: Transferred = { idleMs, echo, busy };
    if (isBroken) found.again = await echoAgain(path, echo, tell);
    if (path.cooperates && !isBroken) {
      tell("toward the server");
      found.up = await attempted(path, () => up(path, bytes, ONE_WAY));
      tell("from the server");
      found.down = await attempted(path, () => down(path, bytes, ONE_WAY));
    }
    return findingOf(found, path.known.oneAtATime);
  },
};

/** The shortest of a few round trips before anything is sent. */
async function idleRoundTrip(path: Path): Promise<number> {
  await using conversation = await path.open();
  const times: number[] = [];
  for (let count = 0; count < IDLE_EXCHANGES; count += 1) {
    times.push(await conversation.exchange(LINE, path.reach.timeout));
  }
  return Math.min(...times);
}

async function echoUnderProbes(
  path: Path,
  bytes: number,
): Promise<[Moved, Busy]> {
  await using conversation = await path.open();
  const load = loadOn(path, conversation, bytes);
  await using probes = new Probes(path, probed(path, conversation));
  const moved = await load.run();
  path.stop.throwIfAborted();
  const { samples, lag, failed } = probes;
  samples.loaded.push(...load.samples);
  return [moved, { samples, lag, failed }];
}

function loadOn(
  { reach, known }: Path,
  conversation: Conversation,
  bytes: number,
  most?: number,
): EchoLoad {
  // A reset with bytes under way ends simple servers.
  const rest = known.oneAtATime ? REST : 0;
  return new EchoLoad(conversation, bytes, TIME, reach.timeout / 2, rest, most);
}

/** Where fresh connections go: to the address that carries the load. */
function probed(
  { target, known }: Path,
  { connection }: Conversation,
): Endpoint | undefined {
  if (known.oneAtATime) return undefined;
  if (target.kind === "unix") return target;
  const { remoteAddress: host, remotePort: port } = connection;
  return host === undefined || port === undefined
    ? target
    : { ...target, host, port };
}

/**
 * Whether another connection fails, too. Where nothing moved any more, little is
 * under way this time: some servers do not read while they write.
 */
async function echoAgain(
  path: Path,
  { bytes, end }: Moved,
  tell: Tell,
): Promise<Moved | undefined> {
  tell("again, on another connection");
  return attempted(path, async () => {
    await using conversation = await path.open();
    const most = end === "stalled" ? LITTLE : undefined;
    return await loadOn(path, conversation, bytes + BEHIND, most).run();
  });
}

async function attempted(
  path: Path,
  act: () => Promise<Moved | undefined>,
): Promise<Moved | undefined> {
  try {
    return await act();
  } catch {
    return undefined;
  } finally {
    path.stop.throwIfAborted();
  }
}
