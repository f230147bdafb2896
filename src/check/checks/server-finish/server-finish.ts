import type { Ended } from "../../../protocol/cooperation/answer.ts";
import { formatDuration, plural } from "../../../units.ts";
import type { Conversation } from "../../conversation.ts";
import { endedThere, endingOf, type How } from "../../ending.ts";
import { ALONE, type Finding, unknown } from "../../finding.ts";
import type { Path } from "../../path.ts";
import { agreed, countsOf, DIFFERENT, repeated } from "../../repeated.ts";
import type { Check } from "../check.ts";

/** Milliseconds behind its answer after which the server finishes. */
const AFTER = 100;
/** How long behind the server's FIN we still send, in milliseconds. */
const LATE = 1000;
/** How long the server may take to see how it ended, in milliseconds. */
const WITHIN = 5000;

const PIECE = Buffer.from(`${"sounder ".repeat(64).trimEnd()}\n`);

interface Try {
  status: "kept" | "lost" | "unknown";
  /** How the server's end arrived here, and after how many milliseconds. */
  client: How;
  ms: number;
  /** Bytes that we sent behind it, and that came. */
  sent: number;
  received: number | null;
  /** How the server saw the connection end. */
  server: Ended["how"] | null;
  instance: string;
}

/** Whether a server can finish first, and still hear its client. */
export const serverFinish: Check = {
  name: "server-finish",
  when: "beside",
  async run(path) {
    if (!path.cooperates) {
      const why =
        "a server is not made to finish first without its cooperation";
      return unknown(why, ALONE);
    }
    const [tries, later] = await Promise.all([
      repeated(() => attempt(path, 0)),
      repeated(() => attempt(path, LATE)),
    ]);
    const isLost = agreed(tries)?.status === "lost";
    if (!isLost || (await carries(path))) return findingOf(tries, later);
    const text = "bytes toward the server are lost, whether it finishes or not";
    const means = "what echo, mtu and transfer say explains it";
    return unknown(text, means, { connections: tries, late: later });
  },
};

/** Whether the same bytes pass while nobody has finished. */
async function carries(path: Path): Promise<boolean> {
  await using asked = await path.ask({ ask: "quiet" });
  try {
    const { timeout } = path.reach;
    await asked.conversation.exchange(Buffer.concat([PIECE, PIECE]), timeout);
    return true;
  } catch {
    path.stop.throwIfAborted();
    return false;
  }
}

/** @param wait milliseconds between the server's FIN and what we send then */
async function attempt(path: Path, wait: number): Promise<Try> {
  await using asked = await path.ask({ ask: "finish", after: AFTER });
  const { answer, conversation } = asked;
  const { timeout } = path.reach;
  const { how, ms } = await endingOf(conversation, path, AFTER + timeout);
  let sent = 0;
  if (how === "FIN") {
    await path.wait(wait);
    sent = await sendTwice(conversation);
  }
  const ended = await endedThere(path, answer, Math.min(timeout, WITHIN));
  const received = ended?.receivedAfterFinish ?? null;
  const tried = { client: how, ms, sent, received };
  const server = ended?.how ?? null;
  // That the server ended it, or does not know, is nobody else's doing.
  const isKnown = server !== null && server !== "server";
  const isKept = how === "FIN" && received === sent;
  const status = !isKnown ? "unknown" : isKept ? "kept" : "lost";
  return { ...tried, server, status, instance: answer.instance };
}

/** Two pieces: a path that is closed answers the first with a reset. */
async function sendTwice(conversation: Conversation): Promise<number> {
  const { connection } = conversation;
  try {
    await conversation.write(PIECE);
    await conversation.write(PIECE);
    connection.finish();
  } catch {
    // How the server saw it tells what became of it.
  }
  return PIECE.length * 2;
}

function findingOf(tries: readonly Try[], later: readonly Try[]): Finding {
  const evidence = { connections: tries, late: later, lateMs: LATE };
  const same = agreed(tries);
  if (same === undefined) {
    const text = `what we sent behind the server's FIN was ${countsOf(tries)}`;
    return unknown(text, DIFFERENT, evidence);
  }
  const { status } = same;
  switch (status) {
    case "kept":
      return { status, evidence, ...keptWords(later) };
    case "lost": {
      const means =
        "a server that says all it has and finishes can't read what its client " +
        "still sends: uploads and last acknowledgements are lost. nginx's " +
        "`stream` does that unless `proxy_half_close on`";
      const text = lostText(same);
      return { status, rating: "harmful", text, means, evidence };
    }
    case "unknown": {
      const text = "the server itself ended the connection before we could see";
      const means =
        "try it again, without --idle-timeout or --max-lifetime of a few seconds";
      return unknown(text, means, evidence);
    }
  }
}

function lostText({ client, sent, received }: Try): string {
  switch (client) {
    case "FIN": {
      const part = `${received} of ${plural(sent, "byte")}`;
      return (
        "the server's FIN ended both directions: of what we sent behind it, " +
        `${part} arrived`
      );
    }
    case "RST":
      return "the server's FIN arrived as a reset (RST)";
    case "truncated":
      return "the server's FIN arrived without the end of TLS before it";
    case "open":
      return "the server's FIN did not arrive: the connection seems open";
  }
}

function keptWords(
  later: readonly Try[],
): Pick<Finding, "rating" | "text" | "means"> {
  if (agreed(later)?.status !== "lost") {
    const text =
      "the server's FIN arrived, and so did all that we sent behind it";
    const means = "a server may finish first, and still hear its client out";
    return { rating: "fine", text, means };
  }
  const text =
    "the server's FIN arrived, and so did what we sent at once behind it; what " +
    `we sent ${formatDuration(LATE)} later did not`;
  const means =
    "a client has to be done soon after the server's FIN: the path ends the " +
    "connection a while behind it (socat's `-t`, 0.5 s; HAProxy " +
    "`timeout server-fin`)";
  return { rating: "notable", text, means };
}
