import { Command, Option } from "commander";

import { startServer } from "../server/server.ts";
import { type Endpoint, formatEndpoint } from "../socket/endpoint.ts";
import { Tracer } from "../socket/trace.ts";
import { type LogKind, logOf } from "./log.ts";
import { durationOption, listenAddress, traceOption } from "./options.ts";
import { say } from "./say.ts";

const EXAMPLES = `
Examples:
  sounder server                        every interface, port 21567
  sounder server 8007                   another port
  sounder server 127.0.0.1:7 [::1]:7 unix:/run/echo.sock
  sounder server --reply raw            RFC 862: the bytes, nothing else
  sounder server --trace                watch bind, accept, read, write, close
`;

interface Flags {
  reply: "stamp" | "raw";
  log: LogKind;
  drainTimeout: number;
  trace?: true;
}

export function serverCommand(finish: (status: number) => void): Command {
  return new Command("server")
    .summary("send every byte back")
    .description("Answers every chunk it receives, to many peers at once.")
    .argument(
      "[address...]",
      "HOST:PORT, HOST, :PORT, PORT, [V6]:PORT or unix:PATH",
      (text: string, before: Endpoint[] = []) => [
        ...before,
        listenAddress(text),
      ],
    )
    .addOption(
      new Option("--reply <what>", "the local time and the chunk, or the chunk")
        .choices(["stamp", "raw"])
        .default("stamp"),
    )
    .addOption(
      new Option("--log <how>", "who connects and who leaves, on stderr")
        .choices(["text", "json", "off"])
        .default("text"),
    )
    .addOption(
      durationOption(
        "--drain-timeout <duration>",
        "how long a stop may take",
      ).default(10_000, "10s"),
    )
    .addOption(traceOption())
    .addHelpText("after", EXAMPLES)
    .action(async (addresses: Endpoint[], flags: Flags) => {
      finish(await serve(addresses, flags));
    });
}

/**
 * Milliseconds within which two signals are one: Ctrl-C reaches us from the
 * terminal, and once more from `bun run`, which passes it on.
 */
const SAME_SIGNAL = 200;

/** How an address is told to a person: `::` alone would not say enough. */
function describe(endpoint: Endpoint): string {
  const text = formatEndpoint(endpoint);
  if (endpoint.kind === "unix") return text;
  if (endpoint.host === "::") return `${text} (every interface, IPv4 and IPv6)`;
  return endpoint.host === "0.0.0.0" ? `${text} (every interface)` : text;
}

async function serve(
  addresses: Endpoint[],
  { reply, log: kind, drainTimeout, trace }: Flags,
): Promise<number> {
  const log = await logOf(kind);
  const server = await startServer({
    ...(addresses.length > 0 && { addresses }),
    reply,
    onConnect: (peer) => log.connected(peer),
    onDisconnect: (ended) => log.disconnected(ended),
    ...(trace && { trace: new Tracer("server", say) }),
  });
  for (const endpoint of server.addresses) {
    log.listening(describe(endpoint), reply);
  }

  const stopped = Promise.withResolvers<number>();
  let ignoreUntil = 0;
  const stop = () => {
    if (performance.now() < ignoreUntil) return;
    ignoreUntil = performance.now() + SAME_SIGNAL;
    log.stopping(server.tally.connections.open);
    server.stop({ drainTimeout }).then(stopped.resolve, stopped.reject);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  log.stopped(await stopped.promise);
  return 0;
}
