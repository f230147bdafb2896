import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { ServerOptions } from "../../src/server/options.ts";
import type { Tally } from "../../src/server/tally.ts";
import type { Endpoint } from "../../src/address/endpoint.ts";

const SCRIPT = join(import.meta.dir, "serve.ts");

/** Tests that look at a process from outside need Linux's /proc. */
export const noProc = process.platform !== "linux";
if (noProc) console.warn("skipped: no /proc");

/** An echo server in a process of its own. */
export class ChildServer implements AsyncDisposable {
  private heard: (message: unknown) => void = () => {};
  readonly child: Bun.Subprocess;
  endpoint!: Endpoint;

  private constructor(options: ServerOptions) {
    this.child = Bun.spawn(
      [process.execPath, SCRIPT, JSON.stringify(options)],
      {
        ipc: (message) => this.heard(message),
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
  }

  static async start(options: ServerOptions): Promise<ChildServer> {
    const server = new ChildServer({ addresses: ["127.0.0.1:0"], ...options });
    [server.endpoint] = (await server.next()) as [Endpoint];
    return server;
  }

  /** What it has done so far. One question at a time. */
  tally(): Promise<Tally> {
    this.child.send("tally");
    return this.next() as Promise<Tally>;
  }

  /** Seconds of processor time it has spent. */
  get cpu(): number {
    const stat = this.proc("stat");
    // proc(5): utime and stime are the 12th and 13th after the name, in 1/100 s.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** The most memory it has ever had, in bytes. */
  get peakMemory(): number {
    return Number(/VmHWM:\s+(\d+) kB/.exec(this.proc("status"))![1]) * 1024;
  }

  /** How many descriptors it has open. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.child.pid}/fd`).length;
  }

  /** Resolves once it spends no processor time. */
  async idle(within = 20_000): Promise<void> {
    const deadline = performance.now() + within;
    for (;;) {
      const before = this.cpu;
      await Bun.sleep(400);
      const spent = this.cpu - before;
      if (spent <= 0.01) return;
      if (performance.now() > deadline) {
        throw new Error(`it spent ${spent} s in 0.4 s, with nothing to do`);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
  }

  private proc(file: string): string {
    return readFileSync(`/proc/${this.child.pid}/${file}`, "utf8");
  }

  private next(): Promise<unknown> {
    return new Promise((resolve) => {
      this.heard = resolve;
    });
  }
}
