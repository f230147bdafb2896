import { formatTime } from "../../../units.ts";
import { ALONE, type Finding, unknown } from "../../finding.ts";
import type { Path } from "../../path.ts";
import type { Check } from "../check.ts";
import { type FarEnd, probeFarEnd } from "./far-end.ts";
import { isDistance, measureTiming, type Timing } from "./timing.ts";

/** Whether somebody between ends TCP, or TLS, and begins it anew. */
export const terminatedCheck: Check = {
  name: "terminated",
  when: "first",
  async run(path, tell) {
    if (path.target.kind === "unix") {
      return unknown(
        "a Unix socket leads to a process of this machine, and says no more",
        "ask what listens there: ss -xlp",
      );
    }
    tell("timing echoes");
    const timing = await measureTiming(path);
    if (!path.cooperates) {
      const alike =
        isFar(timing) &&
        (await isDistance(path, timing.echo).catch(() => false));
      path.stop.throwIfAborted();
      return aloneFinding(path, timing, alike);
    }
    tell("asking both kernels");
    const ends = await Promise.all([probeFarEnd(path), probeFarEnd(path)]);
    return togetherFinding(path, timing, ends);
  },
};

type Words = Pick<Finding, "status" | "rating" | "text" | "means">;

/** What only both ends together can tell. */
export function togetherFinding(
  path: Path,
  timing: Timing,
  ends: readonly FarEnd[],
): Finding {
  const evidence = { timing, ends };
  const isSecure = path.target.kind === "tls";
  const sameKeys = ends.every(({ kernel, ours }) => kernel?.tls === ours.tls);
  if (isSecure && !sameKeys) return { ...tlsWords(ends), evidence };
  if (!isSecure && ends.some(({ kernel }) => (kernel?.tls ?? null) !== null)) {
    return { ...begunWords(), evidence };
  }
  const segments = new Set(ends.map((one) => one.segments));
  const [only] = segments;
  if (segments.size > 1 || only === undefined || only === "unknown") {
    const why =
      segments.size > 1
        ? "one connection's segments reached the server, another's did not: paths, or backends, differ"
        : "keepalives of one of both kernels can't be counted";
    return unknown(why, "try again; it wants Linux on both ends", evidence);
  }
  const secure = isSecure ? "; the keys of TLS are the same on both ends" : "";
  if (only === "arrive") {
    return {
      status: "no",
      rating: "fine",
      text: `segments of our kernel reach the server's: TCP goes from end to end${secure}`,
      means:
        "what the kernels tell of the path (round trips, resets, keepalives) is of the whole path",
      evidence,
    };
  }
  return { ...tcpWords(timing, secure), evidence };
}

function tcpWords({ roundTrip, echo }: Timing, secure: string): Words {
  const times =
    roundTrip === undefined
      ? ""
      : ` (a segment is acknowledged after ${ms(roundTrip)}, an echo takes ${ms(echo)})`;
  return {
    status: "tcp",
    rating: "notable",
    text: `our segments are acknowledged by somebody between, and the server never sees them${times}${secure}`,
    means:
      "a proxy or balancer (HAProxy, nginx, Envoy, a cloud's) has two connections in place of one: connected does not mean that the server is there, keepalives don't reach it, and each side has its own timeouts",
  };
}

function tlsWords(ends: readonly FarEnd[]): Words {
  const plain = ends.some(({ kernel }) => (kernel?.tls ?? null) === null);
  return {
    status: "tls",
    rating: "notable",
    text: plain
      ? "TLS ends before the server, which gets plain bytes"
      : "TLS ends between, and begins anew: the keys of both ends differ",
    means:
      "who is between reads everything, shows its own certificate, and the server can't see the client's: HAProxy `ssl crt`, nginx `ssl_preread` off, AWS' TLS listeners, inspecting firewalls; pass it on as TCP where that is not wanted",
  };
}

function begunWords(): Words {
  return {
    status: "tls",
    rating: "notable",
    text: "the server is spoken to by TLS, and we speak plain TCP: somebody between begins it",
    means:
      "on the first part of the path anybody can read: HAProxy `server … ssl`, nginx `proxy_ssl on`, a mesh's sidecar",
  };
}

/** Times below which nothing can be concluded, in milliseconds. */
const LEAST_GAP = 2;
/** How many round trips an echo takes that goes much further. */
const FURTHER = 4;

function isFar({ roundTrip, echo }: Timing): boolean {
  if (roundTrip === undefined) return false;
  return echo - roundTrip > Math.max(LEAST_GAP, FURTHER * roundTrip);
}

/**
 * One end alone: only a server that is far behind the end of TCP shows.
 * @param alike whether lines that follow one another take as long as one alone
 */
export function aloneFinding(
  path: Path,
  timing: Timing,
  alike: boolean,
): Finding {
  const { roundTrip, echo, finish } = timing;
  const evidence = { timing, alike };
  const tls = path.target.kind === "tls" ? "; nor whether TLS is" : "";
  if (roundTrip === undefined) {
    const why = `the kernel's round trip is not measured here${tls}`;
    return unknown(why, ALONE, evidence);
  }
  const times = `a segment is acknowledged after ${ms(roundTrip)}, an echo takes ${ms(echo)}`;
  const far = isFar(timing);
  // A server that is slow to answer is not slow to finish, nor as slow to each
  // of several lines.
  const isPath =
    alike && finish !== undefined && finish > echo / 2 && finish < 2 * echo;
  if (far && isPath) return { ...tcpAlone(times, finish), evidence };
  if (far) {
    const why = `${times}: the server is slow to answer, or somebody between ends TCP`;
    return unknown(why, ALONE, evidence);
  }
  const near = `${times}: nobody near ends TCP in a distant server's place, but one beside the server would look the same${tls}`;
  return unknown(near, ALONE, evidence);
}

function tcpAlone(times: string, finish: number): Words {
  return {
    status: "tcp",
    rating: "notable",
    text: `${times}, lines that follow one another as well, and a FIN is answered after ${ms(finish)}: somebody near ends TCP in the server's place`,
    means:
      "a proxy or balancer has two connections in place of one: connected does not mean that the server is there, keepalives don't reach it, and each side has its own timeouts",
  };
}

function ms(time: number): string {
  return formatTime(time * 1000);
}
