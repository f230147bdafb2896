import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "../support/free-port.ts";
import { Pty } from "../support/pty.ts";
import { until } from "../support/until.ts";
import { firstMissing, masked } from "./compare.ts";
import { type Command, type Example, SCRIPT } from "./page.ts";

/** Ports as pages have them: each run takes free ones in their place. */
const PORTS = /(?<![\d.])(?:80(?:0[6-9]|10)|8443|9090|21567|700\d)\b/g;

/** The addresses of a proxy that a remark asks for. */
const PROXY = "127.0.0.1:8008 127.0.0.1:8007";

/** What goes on until it is ended. */
const SERVES = /^(?:TZ=\S+ )?sounder (?:server|proxy)\b(?!.*(?:\||--help|&$))/;

/** Runs examples in a folder of their own. */
export class Runner implements AsyncDisposable {
  private readonly ports = new Map<string, string>();
  private readonly running: Running[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "sounder-"));
  private readonly bin: string;

  constructor() {
    this.bin = join(this.folder, "bin");
    mkdirSync(this.bin);
    mkdirSync(this.place);
    const cli = join(import.meta.dir, "../../src/cli.ts");
    const script = join(this.bin, "sounder");
    writeFileSync(
      script,
      `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`,
    );
    chmodSync(script, 0o755);
  }

  private get place(): string {
    return join(this.folder, "example");
  }

  /** @returns what the example shows and was not printed; undefined: all was */
  async run(example: Example): Promise<string | undefined> {
    const { commands, directions, code } = example;
    const { given, meanwhile, type, remarks, figures } = directions;
    for (const name of directions.file) {
      writeFileSync(join(this.place, name), this.replaced(code));
    }
    for (const text of directions["set-up"]) await this.shell(text);
    for (const text of given) await this.start(text).listens();
    const anyFigures = figures.includes("any");
    const mask = (line: string) => masked(this.replaced(line), anyFigures);
    const told: [Command, Running][] = [];
    for (const command of commands) {
      const { text, remark } = command;
      if (remarks.includes("faults") && remark !== undefined) {
        await this.startProxy(remark, directions.proxy[0]);
      }
      if (type.length > 0) {
        return missingIn(command, await this.typed(text, type), mask, false);
      }
      if (SERVES.test(text)) {
        const running = this.start(text);
        await running.listens();
        told.push([command, running]);
        continue;
      }
      const missing = missingIn(
        command,
        await this.shell(text === SCRIPT ? code : text),
        mask,
        false,
      );
      if (missing !== undefined) return missing;
    }
    for (const text of meanwhile) await this.shell(text);
    for (const [command, running] of told) {
      const missing = await missingAtEnd(command, running, mask);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.running) await one.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private replaced(text: string): string {
    return text.replace(PORTS, (port) => {
      const known = this.ports.get(port) ?? String(freePort());
      this.ports.set(port, known);
      return known;
    });
  }

  private get env(): Record<string, string> {
    const path = `${this.bin}:${process.env["PATH"]}`;
    return {
      ...process.env,
      PATH: path,
      NO_COLOR: "1",
      TERM: "dumb",
    } as Record<string, string>;
  }

  private start(text: string): Running {
    const running = new Running(this.replaced(text), this.place, this.env);
    this.running.push(running);
    return running;
  }

  private async startProxy(remark: string, between = PROXY): Promise<void> {
    const faults = remark.split(", then ").map((one) => `--fault "${one}"`);
    for (const one of this.running.filter(({ isProxy }) => isProxy)) {
      await one.kill();
    }
    await this.start(`sounder proxy ${between} ${faults.join(" ")}`).listens();
  }

  private async shell(text: string): Promise<string> {
    const child = Bun.spawn(
      ["bash", "-c", `{ ${this.replaced(text)}\n} 2>&1`],
      {
        cwd: this.place,
        env: this.env,
        stdin: "ignore",
      },
    );
    const printed = await child.stdout.text();
    await child.exited;
    return printed;
  }

  private async typed(text: string, lines: string[]): Promise<string> {
    await using pty = new Pty([
      "env",
      `PATH=${this.env["PATH"]}`,
      "bash",
      "-c",
      this.replaced(text),
    ]);
    for (const line of lines) {
      const count = pty.printed.length;
      await until(() => pty.printed.slice(-4).includes("> "), "a prompt");
      pty.type(`${JSON.parse(line)}\r`);
      await until(() => pty.printed.length > count + 4, "an answer");
      await Bun.sleep(50);
    }
    await pty.child.exited;
    return pty.screen.lines.join("\n");
  }
}

/** Of what runs in the background: it is interrupted where `^C` is shown. */
async function missingAtEnd(
  { text, shown }: Command,
  running: Running,
  mask: (line: string) => string,
): Promise<string | undefined> {
  const stop = shown.findIndex((line) => line.startsWith("^C"));
  const before = stop < 0 ? shown : shown.slice(0, stop);
  const missing = () =>
    missingIn(
      { text, shown: before, remark: undefined },
      running.printed,
      mask,
      true,
    );
  await until(() => missing() === undefined, `${text} prints it`).catch(
    () => {},
  );
  const first = missing();
  if (first !== undefined || stop < 0) return first;
  await running.interrupt();
  const all = shown.map((line) => line.replace(/^\^C/, ""));
  return missingIn(
    { text, shown: all, remark: undefined },
    running.printed,
    mask,
    true,
  );
}

function missingIn(
  { text, shown }: Command,
  printed: string,
  mask: (line: string) => string,
  within: boolean,
): string | undefined {
  const wanted = shown.map(mask).filter(Boolean);
  const got = printed.split("\n").map(mask).filter(Boolean);
  const missing = firstMissing(wanted, got, within);
  if (missing === undefined) return undefined;
  return `$ ${text}\nmisses: ${missing}\nprinted:\n${got.join("\n")}`;
}

/** What runs in the background. */
class Running {
  printed = "";
  readonly isProxy: boolean;
  private readonly child: Bun.Subprocess<"ignore", "pipe", "inherit">;
  private readonly hearing: Promise<void>;

  constructor(
    private readonly text: string,
    cwd: string,
    env: Record<string, string>,
  ) {
    this.isProxy = text.startsWith("sounder proxy");
    const command = `exec 2>&1; ${text.startsWith("sounder") ? "exec " : ""}${text}`;
    this.child = Bun.spawn(["bash", "-c", command], {
      cwd,
      env,
      stdin: "ignore",
      stdout: "pipe",
      detached: true,
    });
    this.hearing = this.hear();
  }

  async listens(): Promise<void> {
    if (!this.text.startsWith("sounder")) {
      const [, port] = /[: ](\d{4,5})\b/.exec(this.text)!;
      return connectable(Number(port));
    }
    let over = false;
    void this.hearing.then(() => (over = true));
    const begun = () => over || /listening/i.test(this.printed);
    await until(begun, `${this.text} listens`);
  }

  async interrupt(): Promise<void> {
    this.child.kill("SIGINT");
    await this.child.exited;
    await this.hearing;
  }

  async kill(): Promise<void> {
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
    await this.child.exited;
  }

  private async hear(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.child.stdout) {
      this.printed += decoder.decode(chunk, { stream: true });
    }
  }
}

/** Resolves once somebody listens there: seen without connecting. */
async function connectable(port: number): Promise<void> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const listens = () => {
    const table = Bun.spawnSync(["cat", "/proc/net/tcp", "/proc/net/tcp6"]);
    return new RegExp(`:${hex} [0-9A-F:]+ 0A `).test(String(table.stdout));
  };
  await until(listens, `somebody listens on ${port}`);
}
