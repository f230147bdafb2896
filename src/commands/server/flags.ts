import { Command, Option } from "commander";

import { adminEndpoint } from "../../admin/listen.ts";
import { parseBlocks } from "../../inbound/admission.ts";
import { DEFAULT_PORT, type Listenable } from "../../address/endpoint.ts";
import { parseSize } from "../../units.ts";
import { SERVER_WORKER } from "../../workers/commands.ts";
import { hooksOf } from "./hooks.ts";
import { type LogKind, logOf } from "./log.ts";
import {
  argument,
  countOption,
  durationOption,
  listenAddress,
  timeoutOption,
  traceOption,
  workersOption,
} from "../shared/options.ts";
import { said } from "../shared/say.ts";
import type { ServerFlags } from "./run.ts";
import { mistakeIn } from "./mistakes.ts";
import { givenSockets } from "./systemd.ts";
import { REPLY_KINDS } from "../../protocol/reply.ts";

const EXAMPLES = `
Examples:
  sounder server                        every interface, port 21567
  sounder server 8007                   another port
  sounder server 127.0.0.1:7 [::1]:7 unix:/run/echo.sock
  sounder server --reply raw            RFC 862: the bytes, nothing else
  sounder server --trace                watch bind, accept, read, write, close
  sounder server tls://:8443            TLS, with a certificate for this run
  sounder server --workers auto --admin 9090 --log json    in production
`;

/** Blocks of addresses: several in one, or the option several times. */
function blocksOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  const checked = argument((text: string) => {
    const blocks = text.split(",");
    parseBlocks(blocks);
    return blocks;
  }, option.long);
  return option.argParser((text: string, before: string[] = []) => [
    ...before,
    ...checked(text),
  ]);
}

function limits(command: Command): Command {
  return command
    .optionsGroup("Limits:")
    .addOption(
      countOption(
        "--max-connections <count>",
        "at once (default: as open files allow)",
      ),
    )
    .addOption(
      countOption(
        "--max-connections-per-ip <count>",
        "at once from an address (IPv6: a /64), for each worker",
      ),
    )
    .addOption(
      timeoutOption(
        "--idle-timeout <duration>",
        "end what has been idle so long (default: off)",
      ),
    )
    .addOption(
      timeoutOption(
        "--max-lifetime <duration>",
        "end what has been open so long (default: off)",
      ),
    )
    .addOption(
      new Option(
        "--max-pending <size>",
        "held for peers that don't read, in all",
      )
        .argParser(argument(parseSize, "--max-pending"))
        .default(256 * 2 ** 20, "256MiB"),
    )
    .addOption(
      blocksOption("--allow <cidr>", "let in nobody else; may be repeated"),
    )
    .addOption(blocksOption("--deny <cidr>", "don't let in; may be repeated"));
}

function transport(command: Command): Command {
  return command
    .optionsGroup("TLS and PROXY:")
    .option("--tls-cert <file>", "for tls:// (default: one for this run)")
    .option("--tls-key <file>", "its key; both are read again at SIGHUP")
    .option("--tls-client-ca <file>", "ask clients for a certificate of this")
    .option(
      "--proxy-protocol",
      "connections begin with a PROXY header, of the proxies that --allow names",
    );
}

function operation(command: Command): Command {
  return command
    .optionsGroup("Operation:")
    .addOption(workersOption("processes that share the port"))
    .addOption(
      new Option("--log <how>", "who connects and who leaves, on stderr")
        .choices(["text", "json", "off"])
        .default("text"),
    )
    .addOption(
      new Option(
        "--admin <address>",
        "metrics, health and a live page over HTTP (default: off)",
      ).argParser(argument(adminEndpoint, "--admin")),
    )
    .addOption(
      new Option(
        "--admin-host <name>",
        "another name it may be asked for; may be repeated",
      ).argParser((name: string, before: string[] = []) => [...before, name]),
    )
    .addOption(
      durationOption(
        "--drain-timeout <duration>",
        "how long a stop may take",
      ).default(10_000, "10s"),
    )
    .addOption(
      durationOption(
        "--drain-delay <duration>",
        "be not ready for so long before a stop begins",
      ).default(0, "0s"),
    );
}

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

export function serverCommand(finish: (status: number) => void): Command {
  const command = new Command("server")
    .summary("send every byte back")
    .description("Answers every chunk it receives, to many peers at once.")
    .argument(
      "[address...]",
      "HOST:PORT, HOST, :PORT, PORT, [V6]:PORT, tls://… or unix:PATH (default: every interface, port 21567)",
      (text: string, before: Listenable[] = []) => [
        ...before,
        listenAddress(text),
      ],
    )
    .addOption(
      new Option("--reply <what>", "the local time and the chunk, or the chunk")
        .choices(REPLY_KINDS)
        .default("stamp"),
    )
    .addOption(traceOption());
  return operation(transport(limits(command)))
    .addHelpText("after", EXAMPLES)
    .action(async (addresses: Listenable[], flags: ServerFlags) => {
      const wanted = placesOf(addresses, flags);
      const mistake = mistakeIn(wanted, flags);
      if (mistake !== undefined) command.error(mistake);
      const { serve } = await import("./run.ts");
      finish(await serve(wanted, flags));
    });
}

/** What a worker process of a server runs; server/fleet.ts starts it. */
export function serverWorkerCommand(finish: (status: number) => void): Command {
  return new Command(SERVER_WORKER).action(async () => {
    const { serveAsWorker } = await import("../../cluster/worker.ts");
    await serveAsWorker(async (worker, kind) => {
      const hooks = hooksOf(await logOf(kind as LogKind), `${worker}.`);
      return {
        ...hooks,
        // Where the parent is a container's first process, all end with it.
        onStopped() {
          hooks.onStopped();
          return said.emptied();
        },
      };
    });
    finish(0);
  });
}
