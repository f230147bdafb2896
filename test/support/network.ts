import { sounder } from "./cli.ts";
import { peerProgram } from "./peer.ts";

/** The command that runs a script in a network of its own. */
function isolated(script: string, command: string[]): string[] {
  return ["unshare", "-rn", "sh", "-ec", script, "sh", ...command];
}

function works(script: string, what: string): boolean {
  if (process.platform !== "linux") return false;
  for (const name of ["unshare", "ip", "tc"]) {
    if (peerProgram(name) === undefined) return false;
  }
  const { success } = Bun.spawnSync(isolated(script, []), {
    stdio: ["ignore", "ignore", "ignore"],
  });
  if (!success) console.warn(`skipped: this machine has no ${what}`);
  return success;
}

/** What is sent to a host that is not here, over lo, is dropped. */
const SILENCE = `
  ip link set lo up
  ip addr add 192.0.2.1/32 dev lo
  ip route add 192.0.2.2/32 dev lo src 192.0.2.1`;

/** Sounder where 192.0.2.2 is reached by a way that swallows everything. */
export function beforeSilence(...args: string[]): string[] {
  return isolated(`${SILENCE}; exec "$@"`, sounder(...args));
}

/** Four ports are all that there are for whoever connects. */
const FEW_PORTS = `
  ip link set lo up
  echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range`;

/** A shell's script, with Sounder's command as its arguments, in that network. */
export function withFewPorts(script: string): string[] {
  return isolated(`${FEW_PORTS}; ${script}`, sounder());
}

export const noFewPorts = !works(FEW_PORTS, "network namespaces");

/** Sounder where only 127.0.0.1 and ::1 can be reached. */
export function withoutRoutes(...args: string[]): string[] {
  return isolated(`${LOOPBACK}; exec "$@"`, sounder(...args));
}

const LOOPBACK = "ip link set lo up";

export const noLoopback = !works(LOOPBACK, "network namespaces");

/** Sounder in a network without anything but lo, and without IPv6 at all. */
export function withoutIpv6(...args: string[]): string[] {
  return isolated(`${NO_IPV6}; exec "$@"`, sounder(...args));
}

/** A shell's line where 192.0.2.7, too, is this machine, and ports are free. */
export function inExampleNetwork(line: string): string[] {
  return isolated(`${LOOPBACK}; ip addr add 192.0.2.7/32 dev lo; ${line}`, []);
}

const NO_IPV6 = `
  ip link set lo up
  echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6`;

export const noIpv6Switch = !works(NO_IPV6, "switch for IPv6");

export const noSilence = !works(SILENCE, "network namespaces");

const netem = (how: string) =>
  `ip link set lo up; tc qdisc add dev lo root netem ${how}`;

/** A client of its own server, over a path that tc-netem(8) makes `how`. */
export function overPath(how: string, ...args: string[]): string[] {
  const [bun, cli, ...client] = sounder("client", "127.0.0.1:7", ...args);
  const script = `${netem(how)}
    "$1" "$2" server 127.0.0.1:7 --reply raw --log off & server=$!
    status=0; "$@" || status=$?
    kill $server; exit $status`;
  return isolated(script, [bun!, cli!, ...client]);
}

export const noNetem = !works(netem("delay 1ms"), "tc netem");
