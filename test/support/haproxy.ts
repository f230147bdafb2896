import { connect } from "node:net";

import type { Endpoint } from "../../src/address/endpoint.ts";
import { temporaryFolder } from "./folder.ts";
import { peerProgram } from "./peer.ts";

const program = peerProgram("haproxy");

/** Whether tests with HAProxy are skipped. */
export const noHaproxy = program === undefined;

/** HAProxy as a configuration makes it. */
export interface Haproxy extends AsyncDisposable {
  endpoint: Endpoint;
  /** What its health checks find of a server: `UP`, `L4OK`. */
  health(server: string): Promise<{ status: string; check: string }>;
}

/** What HAProxy answers to one command on its admin socket. */
function ask(path: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(`${command}\n`));
    let answer = "";
    socket.on("data", (chunk) => (answer += String(chunk)));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

/** @param configuration that binds `fd@3`, of the path of its admin socket */
export async function startHaproxy(
  configuration: (admin: string) => string,
): Promise<Haproxy> {
  const folder = await temporaryFolder();
  const [config, admin] = [folder.path("haproxy.cfg"), folder.path("admin")];
  await Bun.write(config, configuration(admin));
  // It takes over a socket that listens already: there is no port to guess, and
  // no moment to wait for.
  const hostname = "127.0.0.1";
  const listener = Bun.listen({ hostname, port: 0, socket: { data() {} } });
  // Missing from Bun's types.
  const { fd } = listener as unknown as { fd: number };
  const child = Bun.spawn([program!, "-f", config, "-db"], {
    stdio: ["ignore", "ignore", "ignore", fd],
  });
  listener.stop(true);
  const isUp = () => ask(admin, "show info").then(Boolean, () => false);
  while (child.exitCode === null && !(await isUp())) await Bun.sleep(2);
  return {
    endpoint: { kind: "tcp", host: hostname, port: listener.port },
    async health(server) {
      const table = await ask(admin, "show stat");
      const [names, ...rows] = table.split("\n").map((row) => row.split(","));
      const found = rows.find(([, name]) => name === server)!;
      const field = (name: string) => found[names!.indexOf(name)]!;
      // With a star in front, it is the last check's while another is under way.
      const check = field("check_status").replace(/^\* /, "");
      return { status: field("status"), check };
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      await folder[Symbol.asyncDispose]();
    },
  };
}

/**
 * HAProxy in front of one server, which it calls `echo`.
 * @param options of the line that names the server, such as `send-proxy`
 */
export function haproxy(server: Endpoint, options: string): Promise<Haproxy> {
  const target =
    server.kind === "unix"
      ? `unix@${server.path}`
      : `${server.host}:${server.port}`;
  return startHaproxy(
    (admin) => `global
  stats socket ${admin}
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend front
  bind fd@3
  unique-id-format %[uuid()]
  default_backend back
backend back
  server echo ${target} ${options}
`,
  );
}
