import { join } from "node:path";

import { Program, run } from "./cli.ts";
import { peerProgram } from "./peer.ts";

const CLI = join(import.meta.dir, "../../src/cli.ts");
const isRoot = process.platform === "linux" && process.getuid?.() === 0;
const programs = ["ip", "nft", "setpriv"].map(peerProgram);

/** Whether tests with network namespaces are skipped. */
export const noNetns = !isRoot || programs.includes(undefined) || !canUnshare();
if (noNetns) {
  const reason = "network namespaces want Linux, root, ip, nft and setpriv";
  if (process.env["CI"]) throw new Error(reason);
  console.warn(`skipped: ${reason}`);
}

function canUnshare(): boolean {
  if (!isRoot) return false;
  return Bun.spawnSync(["unshare", "-n", "true"]).exitCode === 0;
}

async function sh(script: string): Promise<void> {
  const { status, stderr } = await run(["sh", "-ec", script]);
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
}

/**
 * A client, a router and a server, each in a namespace of its own: the client at
 * 10.9.1.2, the server at 10.9.2.2, and the router between.
 */
export class Network implements AsyncDisposable {
  private static count = 0;
  readonly server = "10.9.2.2";
  private readonly name = `snd${process.pid}n${(Network.count += 1)}`;

  /** @param router a script that makes it what it is, such as with nft */
  static async make(router: string): Promise<Network> {
    const network = new Network();
    try {
      await network.build(router);
      return network;
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
  }

  private async build(router: string): Promise<void> {
    const [c, r, s] = ["c", "r", "s"].map((part) => `${this.name}${part}`);
    await sh(`
for ns in ${c} ${r} ${s}; do ip netns add $ns; ip -n $ns link set lo up; done
ip -n ${c} link add near type veth peer name client netns ${r}
ip -n ${s} link add near type veth peer name server netns ${r}
ip -n ${c} addr add 10.9.1.2/24 dev near; ip -n ${r} addr add 10.9.1.1/24 dev client
ip -n ${s} addr add 10.9.2.2/24 dev near; ip -n ${r} addr add 10.9.2.1/24 dev server
for ns in ${c} ${s}; do ip -n $ns link set near up; done
ip -n ${r} link set client up; ip -n ${r} link set server up
ip -n ${c} route add default via 10.9.1.1; ip -n ${s} route add default via 10.9.2.1
ip netns exec ${r} sysctl -qw net.ipv4.ip_forward=1
`);
    await this.inside("r", router);
  }

  private async inside(part: "c" | "r" | "s", script: string): Promise<void> {
    const command = [
      "ip",
      "netns",
      "exec",
      this.name + part,
      "sh",
      "-ec",
      script,
    ];
    const { status, stderr } = await run(command);
    if (status !== 0) throw new Error(`${script}: ${stderr}`);
  }

  /** Changes the router while connections are open. */
  async onRouter(script: string): Promise<void> {
    await this.inside("r", script);
  }

  /** A command of Sounder at the server's end, once it listens. */
  async serve(...args: string[]): Promise<Program> {
    const enter = ["ip", "netns", "exec", `${this.name}s`];
    const program = new Program([...enter, process.execPath, CLI, ...args]);
    await program.says(/[Ll]istening/);
    return program;
  }

  /** One at the client's, as a user without any privilege. */
  client(...args: string[]): string[] {
    const enter = ["ip", "netns", "exec", `${this.name}c`];
    const nobody = [
      "setpriv",
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
    ];
    return [...enter, ...nobody, process.execPath, CLI, ...args];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of ["c", "r", "s"]) {
      await run(["ip", "netns", "delete", this.name + part]);
    }
  }
}

/** A NAT that forgets idle connections, and drops what it does not know. */
export function forgetful(seconds: number): string {
  return `
sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=${seconds}
sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_unacknowledged=${seconds}
sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_max_retrans=${seconds}
nft -f - <<END
table ip nat {
  chain post {
    type nat hook postrouting priority srcnat;
    oifname server masquerade
  }
}
table ip filter {
  chain forward {
    type filter hook forward priority filter;
    ct state invalid drop
    ct state new tcp flags & (syn|ack) != syn drop
  }
}
END`;
}

/** Drops what is larger than so many bytes of IP, and tells nobody. */
export function holeAbove(bytes: number, toward: "client" | "server"): string {
  return `
nft -f - <<END
table ip hole {
  chain forward {
    type filter hook forward priority filter;
    oifname ${toward} meta length > ${bytes} drop
  }
}
END
ip link set client gso_max_segs 1; ip link set server gso_max_segs 1`;
}
