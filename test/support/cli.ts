import { join } from "node:path";

import { until } from "./until.ts";

/** The command line that runs Sounder from its source. */
export function sounder(...args: string[]): string[] {
  const cli = join(import.meta.dir, "../../src/cli.ts");
  return [process.execPath, cli, ...args];
}

/** A command with its streams redirected by the shell: `< file`, `>&-`. */
export function redirected(redirection: string, command: string[]): string[] {
  return ["sh", "-c", `exec "$@" ${redirection}`, "sh", ...command];
}

/** A process that is killed where its scope ends, with all that it started. */
export class Program implements AsyncDisposable {
  /** All of its standard error so far. */
  said = "";
  readonly child: Bun.PipedSubprocess;
  private readonly hearing: Promise<void>;

  constructor(command: string[], env: Record<string, string> = {}) {
    this.child = Bun.spawn(command, {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, ...env },
      // A group of its own, so that all of a pipeline can be killed.
      detached: true,
    });
    this.hearing = this.hear();
  }

  private async hear(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.child.stderr) {
      this.said += decoder.decode(chunk, { stream: true });
    }
  }

  /** Waits until its standard error matches. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    let over = false;
    this.hearing.then(() => (over = true));
    await until(() => over || pattern.test(this.said), `it says ${pattern}`);
    const match = pattern.exec(this.said);
    if (match === null) throw new Error(`it said ${JSON.stringify(this.said)}`);
    return match;
  }

  /** Its exit status, once all that it said is here. */
  async ended(): Promise<number> {
    const status = await this.child.exited;
    await this.hearing;
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // Nobody of the group is left.
    }
    await this.child.exited;
  }
}

export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

async function feed(
  { child }: Program,
  input: string | Uint8Array,
): Promise<void> {
  try {
    await child.stdin.write(input);
    await child.stdin.end();
  } catch {
    // It did not read all of it.
  }
}

/** Runs a command to its end. */
export async function run(
  command: string[],
  input: string | Uint8Array = "",
): Promise<Outcome> {
  await using program = new Program(command);
  const [text, status] = await Promise.all([
    program.child.stdout.text(),
    program.ended(),
    feed(program, input),
  ]);
  return { status, stdout: text, stderr: program.said };
}
