import { STAMP_LENGTH } from "../../../protocol/stamp/form.ts";
import { formatCount } from "../../../units.ts";
import { type Finding, unknown } from "../../finding.ts";
import type { Path } from "../../path.ts";
import type { Check } from "../check.ts";
import { largestPassing } from "./bisect.ts";
import {
  type Direction,
  type Fate,
  passesInPieces,
  receiveSegment,
  type Segments,
  segmentsOf,
  sendSegment,
} from "./segment.ts";

/** A size that every path lets through: a datagram of 576 bytes, RFC 791. */
const SURE = 500;
/** How often a loss is seen again before it is told. */
const AGAIN = 2;

/** What one direction lets through. */
interface Way {
  direction: Direction;
  /**
   * The largest IP packet that passes, in bytes; `all`: as large as they come;
   * null: it can't be told.
   */
  largest: number | "all" | null;
}

/** Whether packets of some size get lost, and nobody is told. */
export const mtuCheck: Check = {
  name: "mtu",
  when: "beside",
  async run(path, tell) {
    const segments = await measured(path);
    if (segments === undefined) {
      return path.target.kind === "unix"
        ? unknown("a Unix socket has no packets", "nothing has to")
        : unknown(
            "this machine's kernel does not tell its segments",
            "run it on Linux",
          );
    }
    let now = segments;
    for (;;) {
      const { full } = now;
      tell(`segments of up to ${full} bytes`);
      const ways = await Promise.all(
        (["to-server", "to-client"] as const).map((direction) =>
          look(path, direction, now),
        ),
      );
      // A path may tell of its MTU meanwhile: then smaller ones are sent.
      const later = (await measured(path).catch(() => undefined)) ?? now;
      path.stop.throwIfAborted();
      if (later.full >= full) return findingOf(path, segments, ways, now);
      now = later;
    }
  },
};

async function measured(path: Path): Promise<Segments | undefined> {
  await using conversation = await path.open();
  await conversation.exchange(Buffer.from("sounder\n"), path.reach.timeout);
  const info = conversation.connection.tcpInfo();
  const { connection } = conversation;
  return info === undefined ? undefined : segmentsOf(info, connection);
}

async function look(
  path: Path,
  direction: Direction,
  segments: Segments,
): Promise<Way> {
  const { full, headers } = segments;
  const tried = (size: number) => attempt(path, direction, size, segments);
  const told = (largest: Way["largest"]) => ({ direction, largest });
  const first = await tried(full);
  if (first === "passed") return told("all");
  const [again, small] = await Promise.all([
    agreed(tried, full, AGAIN),
    agreed(tried, SURE, 1),
  ]);
  if (again === "passed") return told("all");
  // Where small ones are lost, too, it is not their size.
  if (again !== "lost" || first !== "lost" || small !== "passed") {
    return told(null);
  }
  const found = await largestPassing(SURE, full, tried);
  if (found === undefined) return told(null);
  const [passes, next, inPieces] = await Promise.all([
    agreed(tried, found, 1),
    agreed(tried, found + 1, AGAIN),
    passesInPieces(path, found + 1).catch(() => false),
  ]);
  path.stop.throwIfAborted();
  const isSure = passes === "passed" && next === "lost" && inPieces;
  return told(isSure ? found + headers : null);
}

async function attempt(
  path: Path,
  direction: Direction,
  size: number,
  segments: Segments,
): Promise<Fate> {
  try {
    if (direction === "to-server") {
      return (await sendSegment(path, size, segments)).up;
    }
    if (path.cooperates) return await receiveSegment(path, size, segments);
    // The echo is to be as large.
    const stamp = path.known.reply === "stamp" ? STAMP_LENGTH : 0;
    return (await sendSegment(path, size - stamp, segments)).down;
  } catch {
    path.stop.throwIfAborted();
    return "unknown";
  }
}

/** Passed if it passes once, lost only if it is lost each time. */
async function agreed(
  tried: (size: number) => Promise<Fate>,
  size: number,
  times: number,
): Promise<Fate> {
  const fates = await Promise.all(
    Array.from({ length: times }, () => tried(size)),
  );
  if (fates.includes("passed")) return "passed";
  return fates.every((fate) => fate === "lost") ? "lost" : "unknown";
}

/** @param first what segments were at first, before the path told of its MTU */
export function findingOf(
  path: Path,
  first: Segments,
  ways: readonly Way[],
  segments: Segments,
): Finding {
  const evidence = { ...segments, ways, firstPathMtu: first.pathMtu };
  const holes = ways.flatMap(({ direction, largest }) =>
    typeof largest === "number" ? [{ direction, largest }] : [],
  );
  if (holes.length > 0) {
    const value = Math.min(...holes.map(({ largest }) => largest));
    return {
      ...holeWords(holes, segments),
      status: String(value),
      value,
      evidence,
    };
  }
  const untold = ways.filter(({ largest }) => largest === null);
  if (untold.length > 0) {
    const which = untold.map(({ direction }) =>
      direction.replace("-", " the "),
    );
    return unknown(
      `whether full segments pass ${which.join(" and ")} can't be told: what was tried ended otherwise, or contradicts itself`,
      "half-close, reset and echo may tell what ends connections; try --only mtu",
      evidence,
    );
  }
  const packet = segments.full + segments.headers;
  const told =
    segments.pathMtu < first.pathMtu
      ? `; packets of ${formatCount(first.pathMtu)} are too large, and the path told our kernel so`
      : "";
  return {
    status: "fine",
    value: packet,
    rating: "fine",
    text: `full segments pass both ways: ${formatCount(segments.full)} bytes of TCP, packets of ${formatCount(packet)}${told}`,
    means: path.cooperates
      ? "large messages don't get stuck for their size"
      : "large messages don't get stuck for their size; behind a proxy that ends TCP this is the part before it",
    evidence,
  };
}

function holeWords(
  holes: readonly { direction: Direction; largest: number }[],
  { pathMtu }: Segments,
) {
  const told = holes.map(({ direction, largest }) => {
    const who =
      direction === "to-server" ? "toward the server" : "toward the client";
    return `packets of more than ${formatCount(largest)} bytes get lost ${who}`;
  });
  return {
    rating: "harmful" as const,
    text: `${told.join(", and ")}, and nobody is told; both ends send up to ${formatCount(pathMtu)}`,
    means:
      "connections stand and small messages pass, and the first large one hangs until a time limit: a tunnel or VPN takes room in each packet, and a firewall drops the ICMP that would say so; let ICMP `fragmentation needed` through, or clamp the MSS (nft `tcp option maxseg size set rt mtu`), or net.ipv4.tcp_mtu_probing=1",
  };
}
