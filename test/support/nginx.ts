import { existsSync } from "node:fs";

import type { Endpoint } from "../../src/address/endpoint.ts";
import { temporaryFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import { peerProgram } from "./peer.ts";
import { until } from "./until.ts";

/** Where Debian's package nginx-full has it. */
const MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";

const program = peerProgram("nginx") ?? peerProgram("/usr/sbin/nginx");

/** Whether tests with nginx are skipped. */
export const noNginx = program === undefined || !existsSync(MODULE);
if (noNginx) {
  const reason = "nginx's stream module is not installed";
  if (process.env["CI"]) throw new Error(reason);
  console.warn(`skipped: ${reason}`);
}

/**
 * nginx's stream module in front of one server.
 * @param directives of its server block, such as `proxy_half_close on;`
 */
export async function nginx(
  server: Endpoint,
  directives = "",
): Promise<AsyncDisposable & { endpoint: Endpoint }> {
  for (;;) {
    // It can't choose a port, and another program may take what was free.
    const started = await start(server, directives, freePort());
    if (started !== undefined) return started;
  }
}

/** Undefined where the port is taken. */
async function start(server: Endpoint, directives: string, port: number) {
  const folder = await temporaryFolder();
  const [config, pid] = [folder.path("nginx.conf"), folder.path("pid")];
  const log = folder.path("log");
  const host = "127.0.0.1";
  const target =
    server.kind === "unix"
      ? `unix:${server.path}`
      : `${server.host}:${server.port}`;
  await Bun.write(
    config,
    `load_module ${MODULE};
daemon off;
master_process off;
pid ${pid};
error_log ${log};
events {}
stream {
  server {
    listen ${host}:${port};
    proxy_pass ${target};
    ${directives}
  }
}
`,
  );
  const command = [program!, "-e", log, "-c", config, "-p", folder.path("")];
  const child = Bun.spawn(command, { stdio: ["ignore", "ignore", "ignore"] });
  const isUp = () => existsSync(pid);
  await until(() => child.exitCode !== null || isUp(), "nginx to start");
  const dispose = async () => {
    child.kill("SIGKILL");
    await child.exited;
    await folder[Symbol.asyncDispose]();
  };
  if (child.exitCode === null) {
    const endpoint = { kind: "tcp", host, port } as const;
    return { endpoint, [Symbol.asyncDispose]: dispose };
  }
  const said = await Bun.file(log).text();
  await dispose();
  if (said.includes("Address already in use")) return undefined;
  throw new Error(`nginx said: ${said}`);
}
