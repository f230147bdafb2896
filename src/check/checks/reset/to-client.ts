import { ALONE, type Finding, unknown } from "../../finding.ts";
import { endedThere, endingOf, type How } from "../../ending.ts";
import type { Path } from "../../path.ts";
import { agreed, countsOf, DIFFERENT, repeated } from "../../repeated.ts";
import type { Check } from "../check.ts";
import { MEANS, NO_RESET, servedOnUnix, WITHIN } from "./words.ts";

/** Milliseconds behind its answer after which the server resets. */
const AFTER = 100;

interface Try {
  status: "kept" | "finish" | "lost" | "unknown";
  /** How it ended here, and after how many milliseconds. */
  client: How;
  ms: number;
  instance: string;
}

/** What becomes of a server's reset on its way to the client. */
export const resetToClient: Check = {
  name: "reset-to-client",
  when: "beside",
  async run(path) {
    if (path.target.kind === "unix") return unknown(...NO_RESET);
    if (!path.cooperates) {
      const why = "a server is not made to reset without its cooperation";
      return unknown(why, ALONE);
    }
    const tries = await repeated(() => attempt(path));
    return findingOf(path, tries);
  },
};

async function attempt(path: Path): Promise<Try> {
  await using asked = await path.ask({ ask: "reset", after: AFTER });
  const { answer, conversation } = asked;
  const within = Math.min(path.reach.timeout, WITHIN);
  const { how, ms } = await endingOf(conversation, path, AFTER + within);
  const tried = { client: how, ms, instance: answer.instance };
  switch (how) {
    case "RST":
      return { ...tried, status: "kept" };
    case "FIN":
    case "truncated":
      return { ...tried, status: "finish" };
    case "open": {
      const ended = await endedThere(path, answer, within);
      if (ended?.how !== "server") return { ...tried, status: "unknown" };
      // It may only now have reset, on a machine that is busy.
      const late = await endingOf(conversation, path, within);
      if (late.how === "open") return { ...tried, status: "lost" };
      const status = late.how === "RST" ? "kept" : "finish";
      return { ...tried, client: late.how, ms: ms + late.ms, status };
    }
  }
}

async function findingOf(path: Path, tries: readonly Try[]): Promise<Finding> {
  const evidence = { connections: tries };
  const same = agreed(tries);
  if (same === undefined) {
    const text = `the server's reset was ${countsOf(tries)}`;
    return unknown(text, DIFFERENT, evidence);
  }
  const { status } = same;
  switch (status) {
    case "kept": {
      const text = "the server's reset arrived as a reset (RST)";
      return { status, rating: "fine", text, means: MEANS.kept, evidence };
    }
    case "finish": {
      if (await servedOnUnix(path)) return unknown(...NO_RESET, evidence);
      const isTruncated = tries.every(({ client }) => client === "truncated");
      const text = isTruncated
        ? "the server's reset arrived as a FIN, without the end of TLS before it"
        : "the server's reset arrived as a clean end (FIN)";
      const means = isTruncated ? MEANS.truncated : MEANS.finishToClient;
      return { status, rating: "harmful", text, means, evidence };
    }
    case "lost": {
      const text =
        "the server's reset did not arrive: the connection seems open";
      return { status, rating: "harmful", text, means: MEANS.lost, evidence };
    }
    case "unknown": {
      const text =
        "the server did not reset the connection when it was asked to";
      return unknown(text, "is it overloaded? try it again, alone", evidence);
    }
  }
}
