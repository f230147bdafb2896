import type { Ended } from "../../../protocol/cooperation/answer.ts";
import { ALONE, type Finding, unknown } from "../../finding.ts";
import { endedThere } from "../../ending.ts";
import type { Path } from "../../path.ts";
import { agreed, countsOf, DIFFERENT, repeated } from "../../repeated.ts";
import type { Check } from "../check.ts";
import { MEANS, NO_RESET, servedOnUnix, WITHIN } from "./words.ts";

const LINE = Buffer.from("sounder\n");

interface Try {
  status: "kept" | "finish" | "lost" | "unknown";
  /** How the server saw it end; null where it does not remember it. */
  server: Ended["how"] | null;
  instance: string;
}

/** What becomes of a client's reset on its way to the server. */
export const resetToServer: Check = {
  name: "reset-to-server",
  when: "beside",
  async run(path) {
    if (path.target.kind === "unix") return unknown(...NO_RESET);
    if (!path.cooperates) {
      const why = "how the server saw our reset is not seen from here";
      return unknown(why, ALONE);
    }
    const tries = await repeated(() => attempt(path));
    return findingOf(path, tries);
  },
};

async function attempt(path: Path): Promise<Try> {
  const asked = await path.ask({ ask: "quiet" });
  const { answer, conversation } = asked;
  try {
    // All of it is through, both ways: nothing but the reset is under way.
    await conversation.exchange(LINE, path.reach.timeout);
  } catch (error) {
    await asked[Symbol.asyncDispose]();
    throw error;
  }
  conversation.connection.reset();
  const within = Math.min(path.reach.timeout, WITHIN);
  const ended = await endedThere(path, answer, within);
  const server = ended?.how ?? null;
  return { status: statusOf(server), server, instance: answer.instance };
}

function statusOf(server: Ended["how"] | null): Try["status"] {
  switch (server) {
    case "RST":
      return "kept";
    case "FIN":
      return "finish";
    case "open":
      return "lost";
    case "server":
    case null:
      return "unknown";
  }
}

async function findingOf(path: Path, tries: readonly Try[]): Promise<Finding> {
  const evidence = { connections: tries };
  const same = agreed(tries);
  if (same === undefined) {
    return unknown(`our reset was ${countsOf(tries)}`, DIFFERENT, evidence);
  }
  const { status, server } = same;
  switch (status) {
    case "kept": {
      const text = "our reset arrived at the server as a reset (RST)";
      return { status, rating: "fine", text, means: MEANS.kept, evidence };
    }
    case "finish": {
      if (await servedOnUnix(path)) return unknown(...NO_RESET, evidence);
      const text = "our reset arrived at the server as a clean end (FIN)";
      const means = MEANS.finishToServer;
      return { status, rating: "notable", text, means, evidence };
    }
    case "lost": {
      const text =
        "our reset did not arrive: the server still has the connection open";
      return { status, rating: "harmful", text, means: MEANS.lost, evidence };
    }
    case "unknown": {
      const text =
        server === null
          ? "the server does not remember the connection that we reset"
          : "the server itself had ended the connection that we reset";
      const means =
        "try it again, without --idle-timeout or --max-lifetime of a few seconds";
      return unknown(text, means, evidence);
    }
  }
}
