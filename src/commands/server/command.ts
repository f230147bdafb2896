import { Command } from "commander";

import {
  DEFAULT_PORT,
  type Listenable,
  parseListenable,
} from "../../address/endpoint.ts";
import { SERVER_WORKER } from "../../workers/commands.ts";
import { runnable, type Runnable } from "../shared/command.ts";
import {
  DocumentedCommand,
  type Example,
} from "../shared/documented-command.ts";
import { argument } from "../shared/mistake.ts";
import { ADDRESSES } from "../shared/target.ts";
import { GROUPS, type ServerFlags } from "./flags.ts";
import { checkFlags } from "./mistakes.ts";
import { givenSockets } from "./systemd.ts";

const EXAMPLES: readonly Example[] = [
  ["sounder server", "every interface, port 21567"],
  ["sounder server 8007", "another port"],
  ["sounder server 127.0.0.1:8007 [::1]:8007 unix:echo.sock"],
  ["sounder server --reply raw", "RFC 862: the bytes, nothing else"],
  ["sounder server --trace", "watch bind, accept, read, write, close"],
  ["sounder server tls://:8443", "TLS, with a certificate for this run"],
  ['sounder server --fault "reset after 1MiB on 10%"', "fail on purpose"],
  ["sounder server --workers auto --admin 9090 --log json", "in production"],
];

/** Where to listen: as said, as systemd has it, or by default. */
function placesOf(
  addresses: readonly Listenable[],
  { tlsCert }: ServerFlags,
): readonly Listenable[] {
  if (addresses.length > 0) return addresses;
  const given = givenSockets(tlsCert !== undefined);
  return given.length > 0
    ? given
    : [{ kind: "tcp", host: "", port: DEFAULT_PORT }];
}

const listenAddress = argument(parseListenable);

export const server: Runnable = runnable(
  new DocumentedCommand("server")
    .summary("send every byte back")
    .description("Answers every chunk it receives, to many peers at once.")
    .argument(
      "[address...]",
      `${ADDRESSES} (default: every interface, port 21567)`,
      (text: string, before: Listenable[] = []) => [
        ...before,
        listenAddress(text),
      ],
    )
    .examples(EXAMPLES),
  GROUPS,
  async (addresses: Listenable[] = [], flags) => {
    const places = placesOf(addresses, flags);
    checkFlags(places, flags);
    const { serve } = await import("./run.ts");
    return serve(places, flags);
  },
);

/** What cluster/cluster.ts starts as a worker process of a server. */
export const serverWorker: Runnable = {
  command: new Command(SERVER_WORKER),
  hidden: true,
  async run() {
    const { workForParent } = await import("./worker.ts");
    return workForParent();
  },
};
