import {
  formatBytes,
  formatCount,
  formatDuration,
  plural,
} from "../../../units.ts";
import { ALONE, type Finding, unknown } from "../../finding.ts";
import type { Path } from "../../path.ts";
import { agreed, countsOf, DIFFERENT } from "../../repeated.ts";
import type { Tell } from "../check.ts";
import { type Echoed, REST, transfer } from "./transfer.ts";
import { endWords, KEPT, type Loss, meansOfLost, meansOfTls } from "./words.ts";

/** Bytes that must be under way while our FIN passes, or it was no test. */
const UNDER_WAY = 128 * 1024;

type Status = "kept" | "lost" | "early" | "altered" | "slow" | "brief";
type Try = Echoed & { status: Status };

/**
 * Much more than buffers hold, a FIN right behind it, and a reader that is slow:
 * the echo of a few bytes may be back before a proxy looks at the FIN. Then the
 * same with a reader that rests, for paths that bear a half-closed connection
 * only as long as it moves.
 */
export async function halfCloseAlone(path: Path, tell: Tell): Promise<Finding> {
  const early = async (rests: boolean) =>
    judged(await transfer(path, { fin: "early", rests }));
  tell("an early FIN behind 20 MB");
  const tries = [await early(false)];
  const [{ status }] = tries as [Try];
  // What was no test would be none again.
  if (status !== "kept" && status !== "lost") return withoutLoss(tries);
  const rests = status === "kept";
  tell(rests ? "the same, with a reader that rests" : "once more");
  tries.push(await early(rests));
  if (rests && tries[1]!.status === "lost") {
    tell("once more");
    tries.push(await early(rests));
  }
  const last = tries.slice(-2);
  if (agreed(last)?.status !== "lost") return withoutLoss(tries);
  tell("a FIN once all is back");
  const control = judged(await transfer(path, { fin: "late", rests }));
  return lost(last, control, { connections: tries, rests });
}

function judged(echoed: Echoed): Try {
  return { ...echoed, status: statusOf(echoed) };
}

function statusOf(echoed: Echoed): Status {
  if (echoed.alteredAt !== undefined) return "altered";
  if (echoed.slow) return "slow";
  if (!echoed.finished) return "early";
  if (echoed.echoed < echoed.sent) return "lost";
  return echoed.underWay < UNDER_WAY ? "brief" : "kept";
}

function withoutLoss(tries: readonly Try[]): Finding {
  const evidence = { connections: tries };
  const again = "what echo and transfer say explains it";
  const same = agreed(tries);
  switch (same?.status) {
    case undefined:
    case "lost": {
      return unknown(mixedText(tries), `${DIFFERENT}. ${MIXED}`, evidence);
    }
    case "kept": {
      const sent = formatBytes(same.sent);
      const all = `all ${sent} came back, ${formatBytes(same.underWay)} of it after our FIN`;
      const isEnded = same.how === "FIN";
      const text = isEnded ? all : `${all}; then ${noFin(same)}`;
      const rating = isEnded ? "fine" : "notable";
      const means = `${KEPT}. Whether one that takes long is awaited is not always seen: ${ALONE}`;
      return { status: "kept", rating, text, means, evidence };
    }
    case "altered": {
      const text = `what came back differs from what was sent, from byte ${formatCount(same.alteredAt!)} on`;
      return unknown(text, again, evidence);
    }
    case "early": {
      const text = `the connection ${endWords(same.how)} after ${plural(same.echoed, "byte")}, before our FIN`;
      const means =
        same.how === "open"
          ? "it stops reading while its answer is not read, and does not go on " +
            `(\`ncat --exec\`, \`socat PIPE\`), or bytes are lost; ${ALONE}`
          : again;
      return unknown(text, means, evidence);
    }
    case "slow": {
      const text = `of ${formatBytes(same.sent)} that went out, ${formatBytes(same.echoed)} came back in time`;
      return unknown(text, ALONE, evidence);
    }
    case "brief": {
      const text =
        "all that we sent came back, but too little of it after our FIN";
      return unknown(text, ALONE, evidence);
    }
  }
}

const MIXED =
  "HAProxy 2.6 does so now and then: it resets a connection whose FIN came " +
  "while it was full, and the server sees a clean end with bytes missing";

function mixedText(tries: readonly Try[]): string {
  const text = `the rest of the echo behind our FIN was ${countsOf(tries)}`;
  const lossy = tries.find(({ status }) => status === "lost");
  if (lossy === undefined) return text;
  const missing = formatBytes(lossy.sent - lossy.echoed);
  return `${text}: that one ${endWords(lossy.how)}, ${missing} of ${formatBytes(lossy.sent)} short`;
}

function noFin({ how, after }: Echoed): string {
  return how === "open"
    ? `no FIN came from the server, ${formatDuration(after)} after ours`
    : `the connection ${endWords(how)}`;
}

/**
 * @param tries those with a loss
 * @param control the same without an early FIN
 */
function lost(
  tries: readonly Try[],
  control: Try,
  { connections, rests }: { connections: readonly Try[]; rests: boolean },
): Finding {
  const evidence = { connections, rests, withoutEarlyFin: control };
  const [first] = tries as [Try];
  const { how, sent, echoed } = first;
  const part = `${formatBytes(sent - echoed)} of ${formatBytes(sent)}`;
  if (control.echoed < control.sent || control.alteredAt !== undefined) {
    const text = `${part} did not come back, and with a FIN only at the end neither did all`;
    const means = "bytes are lost, half-closed or not: transfer tells more";
    return unknown(text, means, evidence);
  }
  const when = rests ? ", and a second in which we did not read" : "";
  const text =
    `the connection ${endWords(how)} after our FIN${when}: ${part} did not ` +
    "come back; all do without an early FIN";
  const isSilent = tries.every((one) => one.how === "open");
  const loss: Loss = isSilent
    ? { kind: "silent" }
    : rests
      ? { kind: "limit", ms: REST }
      : { kind: "at once" };
  const means =
    `${meansOfLost(loss)}${meansOfTls(first.tls)}. It may be the server: simple ` +
    `ones end at a FIN, too; ${ALONE}`;
  return { status: "lost", rating: "harmful", text, means, evidence };
}
