import { formatEndpoint } from "../../address/endpoint.ts";
import { Classroom } from "../../learn/classroom.ts";
import { serveClassroom } from "../../learn/serve.ts";
import { Viewers } from "../../learn/viewers.ts";
import { mistake } from "../shared/mistake.ts";
import { output } from "../shared/output.ts";
import { say } from "../shared/say.ts";
import { aborted, catchSignals } from "../shared/signals.ts";
import type { LearnFlags } from "./flags.ts";

/** Serves the page until Ctrl-C. @returns the exit status */
export async function teach(flags: LearnFlags): Promise<number> {
  if (flags.terminal) {
    if (flags.open) throw mistake("--open is for the page, not for --terminal");
    const { teachInTerminal } = await import("./terminal.ts");
    return teachInTerminal(flags.language ?? languageOf(process.env["LANG"]));
  }
  using viewers = new Viewers();
  await using room = await Classroom.open(() => viewers.changed());
  await room.open();
  const at = { kind: "tcp", host: "127.0.0.1", port: flags.port } as const;
  const serving = await serveClassroom(room, viewers, at);
  const signals = catchSignals(["SIGINT", "SIGTERM", "SIGHUP"]);
  try {
    const url = `http://${formatEndpoint(serving.address).replace("tcp://", "")}/`;
    await output(`${url}\n`);
    say("Open it in a browser. Ctrl-C ends it.");
    if (flags.open) open(url);
    await aborted(signals.stop);
    return signals.status ?? 0;
  } finally {
    serving.stop();
    signals.release();
  }
}

export function languageOf(locale = ""): "en" | "zh" {
  return locale.startsWith("zh") ? "zh" : "en";
}

const OPENERS: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ["open"],
  linux: ["xdg-open"],
  win32: ["cmd", "/c", "start"],
};

function open(url: string): void {
  const command = OPENERS[process.platform];
  try {
    if (command === undefined) throw new Error("no opener");
    Bun.spawn([...command, url], { stdio: ["ignore", "ignore", "ignore"] });
  } catch {
    say("No browser could be opened here: open the address yourself.");
  }
}
