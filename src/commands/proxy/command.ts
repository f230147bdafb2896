import {
  type Endpoint,
  type Listenable,
  parseListenable,
} from "../../address/endpoint.ts";
import type { Runnable } from "../shared/command.ts";
import {
  DocumentedCommand,
  type Example,
} from "../shared/documented-command.ts";
import { argument } from "../shared/mistake.ts";
import { targetAddress } from "../shared/target.ts";
import { GROUPS, type ProxyFlags } from "./flags.ts";
import { checkTogether } from "./mistakes.ts";

const EXAMPLES: readonly Example[] = [
  ["sounder proxy 8007 192.0.2.7:7", "changes nothing"],
  ['sounder proxy 5433 db.internal:5432 --fault "delay 50ms+-10ms"'],
  [
    'sounder proxy 5433 db.internal:5432 --fault "reset after 64KiB on every 3rd"',
  ],
  ['sounder proxy unix:bad.sock unix:good.sock --fault "vanish idle 30s"'],
  ['sounder proxy tls://:8443 127.0.0.1:80 --fault "tls-expired on 10%"'],
  ["sounder proxy 5433 5432 --admin 9090", "and change them while it runs:"],
  [`  curl -X PUT -d '["stall after 1MiB"]' http://127.0.0.1:9090/faults`],
];

const NOTES =
  "docs/FAULTS.md tells all faults, and what in real life does the same.";

const command = new DocumentedCommand("proxy")
  .summary("stand in as a bad path: faults on request")
  .description(
    "Passes each connection on to a target, byte for byte and end for end, " +
      "but for the faults it is asked for.",
  )
  .argument(
    "<listen>",
    "HOST:PORT, :PORT, PORT, [V6]:PORT, tls://… or unix:PATH",
    argument(parseListenable),
  )
  .argument(
    "<target>",
    "the same; its name is resolved for each connection",
    targetAddress,
  )
  .examples(EXAMPLES)
  .notes(NOTES);
for (const { flags } of GROUPS) {
  for (const flag of Object.values(flags)) command.addOption(flag);
}

export const proxy: Runnable = {
  command,
  async run(place: Listenable, target: Endpoint, flags: ProxyFlags) {
    checkTogether(place, target, flags);
    const { passOn } = await import("./run.ts");
    return passOn(place, target, flags);
  },
};
