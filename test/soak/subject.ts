import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { sounder } from "../support/cli.ts";
import { until } from "../support/until.ts";

const COLLECT = join(import.meta.dir, "collect.ts");
/** Milliseconds within which it gives back what it took. */
const SETTLED = 30_000;

/** Lines that a connection has two of, and what stands for such lines. */
const OF_A_CONNECTION = /^\S+ #\d+ /;
const OF_MANY = /^\S+ (\d+) more connected, (\d+) closed; not told one by one$/;

/** What a process has of its machine: open files, and bytes of memory. */
export interface Size {
  descriptors: number;
  memory: number;
}

/** A server under test: the real command, looked at from outside. */
export class Subject implements AsyncDisposable {
  /** The ports of its addresses, in order. */
  readonly ports: number[] = [];
  /** What it said that is not about one connection. */
  readonly notices: string[] = [];
  /** How many beginnings and ends of connections it told, one by one or not. */
  told = 0;
  private readonly child: Bun.Subprocess<"ignore", "inherit", "pipe">;
  private readonly hearing: Promise<void>;
  private admin = "";

  private constructor(args: string[]) {
    const [bun, ...command] = sounder("server", ...args);
    this.child = Bun.spawn([bun!, "--preload", COLLECT, ...command], {
      stdio: ["ignore", "inherit", "pipe"],
    });
    this.hearing = this.hear();
  }

  /** Starts one that answers raw; `--admin` comes by itself. */
  static async start(...args: string[]): Promise<Subject> {
    const common = ["--reply", "raw", "--admin", "0"];
    const subject = new Subject([...args, ...common]);
    const isUp = () => subject.admin !== "" || subject.child.exitCode !== null;
    await until(isUp, "the server listens");
    // Its first answer opens what later ones use, too.
    await subject.rests();
    return subject;
  }

  get size(): Size {
    const status = this.proc("status");
    const descriptors = readdirSync(`/proc/${this.child.pid}/fd`).length;
    const memory = Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
    return { descriptors, memory };
  }

  /** Waits until nobody is connected, and collects its garbage. */
  async rests(): Promise<void> {
    while ((await this.metric("sounder_connections_open")) > 0);
    this.child.kill("SIGUSR2");
    await this.metric("sounder_connections_open");
  }

  /** Waits until it has no more than so much, after collections. */
  async settles(most: Size): Promise<void> {
    const isSmall = () => {
      this.child.kill("SIGUSR2");
      const { descriptors, memory } = this.size;
      return descriptors <= most.descriptors && memory <= most.memory;
    };
    await until(isSmall, "the server to give back what it took", SETTLED);
  }

  /** The sum of a metric's values. */
  async metric(name: string): Promise<number> {
    const headers = { Connection: "close" };
    const answer = await fetch(`${this.admin}metrics`, { headers });
    const line = new RegExp(`^${name}(?:{.*})? (.+)$`, "gm");
    const values = (await answer.text()).matchAll(line);
    return values.reduce((sum, [, value]) => sum + Number(value), 0);
  }

  /** Stops it. @returns its exit status */
  async stop(): Promise<number> {
    this.child.kill("SIGTERM");
    const status = await this.child.exited;
    await this.hearing;
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
  }

  private async hear(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of this.child.stderr) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(
        "\n",
      );
      rest = lines.pop()!;
      for (const line of lines) this.note(line);
    }
    if (rest !== "") this.note(rest);
  }

  private note(line: string): void {
    const [, opened, closed] = OF_MANY.exec(line) ?? [];
    if (opened !== undefined) this.told += Number(opened) + Number(closed);
    else if (OF_A_CONNECTION.test(line)) this.told += 1;
    else this.notice(line);
  }

  private notice(line: string): void {
    this.notices.push(line);
    const [, port] = /^Listening on \S+:(\d+)/.exec(line) ?? [];
    if (port !== undefined) this.ports.push(Number(port));
    this.admin = /admin pages at (\S+)/.exec(line)?.[1] ?? this.admin;
  }

  private proc(file: string): string {
    return readFileSync(`/proc/${this.child.pid}/${file}`, "utf8");
  }
}
