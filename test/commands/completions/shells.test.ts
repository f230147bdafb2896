import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod } from "node:fs/promises";

import { run, sounder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { peerProgram } from "../../support/peer.ts";
import { Pty } from "../../support/pty.ts";
import { until } from "../../support/until.ts";

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

const PROMPT = "ready: ";

/** An interactive shell that has read the script, and nothing else. */
const STARTS: Record<string, (folder: Folder) => Promise<string[]>> = {
  async bash(folder) {
    const rc = folder.path("rc");
    await Bun.write(rc, `. ../script\nPS1='${PROMPT}'\n`);
    return ["bash", "--noprofile", "--rcfile", "../rc", "-i"];
  },
  async zsh(folder) {
    const lines = [
      "autoload -Uz compinit && compinit -u -D",
      "source ../script",
      `PS1='${PROMPT}'`,
      "unsetopt prompt_cr prompt_sp",
    ];
    await Bun.write(folder.path(".zshrc"), `${lines.join("\n")}\n`);
    return ["env", `ZDOTDIR=${folder.path("")}`, "zsh", "-d", "-i"];
  },
  async fish(folder) {
    const home = `HOME=${folder.path("")}`;
    const start = `source ../script; function fish_prompt; echo -n '${PROMPT}'; end; function fish_right_prompt; end; set fish_greeting; set fish_autosuggestion_enabled 0`;
    return ["env", home, "fish", "--no-config", "-i", "-C", start];
  },
};

/** What is typed before the Tab, and the words that the shell then runs. */
const LINES: [typed: string, words: RegExp][] = [
  ["rep", /^report$/],
  ["completions f", /^completions fish$/],
  ["help lea", /^help learn$/],
  ["load --arr", /^load --arrivals=?$/],
  ["load --arrivals po", /^load --arrivals poisson$/],
  ["load --arrivals=po", /^load --arrivals=poisson$/],
  ["server --cooperate=t", /^server --cooperate=transfer$/],
  ["check --only mtu,hal", /^check --only mtu,half-close,?$/],
  ["trial --skip slow", /^trial --skip slow-request,?$/],
  ["report be", /^report before it\.json$/],
  ["load --json be", /^load --json before it\.json$/],
  ["trial ech", /^trial echo$/],
  ["trial localhost:7 -- unam", /^trial localhost:7 -- uname$/],
  // What has no words of its own.
  ["load -d be", /^load -d be$/],
  ["server be", /^server be$/],
];

describe.each(Object.keys(STARTS))("%s completes sounder", (shell) => {
  test.skipIf(!peerProgram(shell)).each(LINES)("%s", async (typed, words) => {
    await using folder = await temporaryFolder();
    const made = await run(sounder("completions", shell));
    expect(made).toMatchObject({ stderr: "", status: 0 });
    await Bun.write(folder.path("script"), made.stdout);
    await Bun.write(folder.path("here/before it.json"), "");
    // In the place of the program: the words that it is given.
    const written = folder.path("words");
    await Bun.write(
      folder.path("sounder"),
      '#!/bin/sh\necho "$*" > ../unfinished && mv ../unfinished ../words\n',
    );
    await chmod(folder.path("sounder"), 0o755);
    const start = await STARTS[shell]!(folder);
    const enter = 'cd "$0" && PATH="..:$PATH" exec "$@"';
    await using pty = new Pty([
      "sh",
      "-c",
      enter,
      folder.path("here"),
      ...start,
    ]);
    await pty.prints(PROMPT.trim());
    pty.type(`sounder ${typed}\t\r`);
    await until(() => existsSync(written), `${shell} runs the line`);
    expect((await Bun.file(written).text()).trim()).toMatch(words);
  });
});

test("who asks for another shell is told which there are", async () => {
  const { stdout, stderr, status } = await run(sounder("completions", "tcsh"));
  expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
  expect(stderr).toMatch(/^sounder: .*bash, zsh, fish\.\n$/);
});
