import { Command } from "commander";

import type { Endpoint } from "../../address/endpoint.ts";
import { LOAD_WORKER } from "../../workers/commands.ts";
import { runnable, type Runnable } from "../shared/command.ts";
import {
  DocumentedCommand,
  type Example,
} from "../shared/documented-command.ts";
import { targetArgument } from "../shared/target.ts";
import { GROUPS } from "./flags.ts";
import { optionsOf } from "./options.ts";

const EXAMPLES: readonly Example[] = [
  ["sounder load", "64 connections, 10 s, closed loop"],
  ["sounder load 192.0.2.7:8007 -c 1000 -s 1KiB -p 16"],
  [
    "sounder load -r 20k --arrivals poisson",
    "open loop: 20,000 messages a second",
  ],
  ['sounder load -r 5k --goal "p99<2ms" --goal "errors<0.1%"', "pass or fail"],
  [
    'sounder load --find-rate --goal "p99<2ms"',
    "the highest rate that still meets it",
  ],
  ["sounder load --json - --html report.html", "for scripts, and to look at"],
];

export const load: Runnable = runnable(
  targetArgument(new DocumentedCommand("load"))
    .summary("measure a server: throughput, latency, integrity")
    .description(
      "Sends messages to any echo server, checks every byte that comes back, " +
        "and tells how fast and how reliably they came.",
    )
    .examples(EXAMPLES),
  GROUPS,
  async (target: Endpoint | undefined, flags) => {
    const options = optionsOf(target, flags);
    const { measure } = await import("./run.ts");
    return measure(options, flags);
  },
);

/** What load/remote.ts starts as a worker process of a load. */
export const loadWorker: Runnable = {
  command: new Command(LOAD_WORKER),
  hidden: true,
  async run() {
    const { serveAsWorker } = await import("../../load/worker/remote.ts");
    await serveAsWorker();
    return 0;
  },
};
