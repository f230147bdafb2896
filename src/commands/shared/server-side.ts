import type { Endpoint } from "../../address/endpoint.ts";
import { connect } from "../../client/connect.ts";
import { TCP_STATES } from "../../kernel/tcp-info.ts";
import {
  readAnswer,
  type Story,
  STORY_STEPS,
} from "../../protocol/cooperation/answer.ts";
import { questionLine } from "../../protocol/cooperation/question.ts";
import type { Approach } from "../../socket/dial/dial.ts";
import type { Step, TraceEvent } from "../../socket/trace/event.ts";

/** A server may be several processes, of which one has seen it. */
const TRIES = 16;
/** Milliseconds for an answer. */
const WITHIN = 2000;

/**
 * Asks a server that cooperates how it saw a connection of ours.
 * @param local our own end of that
 * @returns none where it does not cooperate, or has not seen it
 */
export async function serversSide(
  endpoint: Endpoint | undefined,
  approach: Approach,
  local: string,
): Promise<TraceEvent[]> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const story = await ask(endpoint, approach, local);
    if (story === "alone") return [];
    if (story !== null) return eventsOf(story);
  }
  return [];
}

async function ask(
  endpoint: Endpoint | undefined,
  approach: Approach,
  peer: string,
): Promise<Story | null | "alone"> {
  const signal = AbortSignal.timeout(WITHIN);
  try {
    await using connection = await connect(endpoint, { ...approach, signal });
    await connection.write(questionLine({ ask: "story", peer }));
    let line = "";
    while (!/\n/.test(line.replace(/^\{.*\n/, ""))) {
      const chunk = await connection.read({ signal });
      if (chunk === undefined) return "alone";
      line += chunk.toString();
    }
    // Behind what `--reply info` says first.
    const [answer = ""] = line.replace(/^\{.*\n/, "").split("\n");
    const told = readAnswer(answer, "story");
    return told === undefined ? "alone" : told.story;
  } catch {
    return "alone";
  }
}

const NUMBERS: Readonly<Record<string, Step>> = {
  accept: 8,
  read: 10,
  write: 9,
};

function eventsOf({ opened, local, peer, steps }: Story): TraceEvent[] {
  let fins = 0;
  return steps.map(([at, which, bytes, state]) => {
    const verb = STORY_STEPS[which] ?? "closed";
    const isFin = verb === "finish" || verb === "finished";
    if (isFin) fins += 1;
    const fin = fins === 1 ? 11 : 12;
    const moves = verb === "read" || verb === "write";
    return {
      version: 1,
      kind: "trace",
      side: "server",
      at: opened + at / 1000,
      step: isFin ? fin : (NUMBERS[verb] ?? null),
      verb,
      detail: verb === "reset" ? `RST ← ${peer}` : "",
      connection: 1,
      bytes: moves ? bytes : null,
      data: null,
      state: TCP_STATES[state] ?? null,
      local,
      peer,
    };
  });
}
