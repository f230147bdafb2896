import { formatBytes, formatCount, formatDuration, plural } from "../units.ts";
import type { CheckName, NamedFinding, Rating } from "./finding.ts";
import type { CheckResult } from "./result.ts";

/** What it comes to, in words. */
export function summary(result: CheckResult): string {
  const { verdict, checks, reasons } = result;
  if (verdict === "interrupted") {
    return `interrupted after ${plural(checks.length, "check")}: ${told(result)}`;
  }
  return verdict === "fail" ? reasons.join("; ") : told(result);
}

function told({ checks, target }: CheckResult): string {
  const rated = (rating: Rating) =>
    checks.filter((one) => one.rating === rating);
  const seen = [...rated("harmful"), ...rated("notable")].map((one) =>
    wordsOf(one, target),
  );
  const unknown = rated("unknown").map(({ name }) => name);
  const parts =
    seen.length > 0
      ? [[likeness(checks), seen.join("; ")].filter(Boolean).join(": ")]
      : rated("fine").length > 0
        ? ["nothing that was seen changes a connection"]
        : [];
  if (unknown.length > 0) {
    parts.push(`can't be told from here: ${unknown.join(", ")}`);
  }
  return parts.join("; ");
}

const WORDS: Partial<Record<CheckName, Record<string, string>>> = {
  echo: {
    cut: "connections are cut while they are in use",
    stalled: "bytes stop coming back",
  },
  "half-close": { lost: "an answer after your FIN is lost" },
  "server-finish": {
    lost: "what you send after the server's FIN is lost",
  },
  "reset-to-client": {
    finish: "a server's reset reaches you as a clean end",
    lost: "a server's reset never reaches you",
  },
  "reset-to-server": {
    finish: "your reset reaches the server as a clean end",
    lost: "your reset never reaches the server",
  },
  terminated: { tcp: "TCP is terminated", tls: "TLS is terminated" },
  join: { joined: "small writes arrive joined" },
  address: { translated: "the server sees another address than yours" },
  transfer: {
    cut: "transfers are cut off",
    stalled: "transfers stall",
  },
};

function wordsOf(finding: NamedFinding, target: string): string {
  const { name, status, value, evidence } = finding;
  if (status === "tls" && !target.startsWith("tls:")) {
    return "TCP is terminated, and TLS begins behind";
  }
  const words = WORDS[name]?.[status];
  if (words !== undefined) return words;
  const killed = evidence["killed"];
  if (name === "idle" && typeof killed === "number") {
    const after = formatDuration(killed * 1000);
    return status === "silent"
      ? `connections that are idle for ${after} die, and nobody is told`
      : `connections that are idle for ${after} are ended`;
  }
  if (name === "mtu" && value !== undefined && status !== "fine") {
    return `larger segments than ${formatBytes(value)} don't pass`;
  }
  if (name === "limit" && value !== undefined && status !== "none") {
    return `${formatCount(value)} connections at once are served`;
  }
  return finding.text;
}

/** What becomes of ends, with well-known programs as they were observed. */
const LIKENESSES: Readonly<Record<string, Record<string, string>>> = {
  "HAProxy-like": {
    "half-close": "kept",
    "server-finish": "kept",
    "reset-to-client": "finish",
    "reset-to-server": "kept",
  },
  "like nginx' stream module": {
    "half-close": "lost",
    "server-finish": "lost",
    "reset-to-client": "finish",
    "reset-to-server": "finish",
  },
  "like nginx with proxy_half_close": {
    "half-close": "kept",
    "server-finish": "kept",
    "reset-to-client": "finish",
    "reset-to-server": "finish",
  },
  "like socat": {
    "half-close": "lost",
    "server-finish": "kept",
    "reset-to-client": "finish",
    "reset-to-server": "finish",
  },
};

/** The program that treats ends like this, where somebody ends TCP between. */
function likeness(checks: readonly NamedFinding[]): string | undefined {
  const statusOf = (name: string) =>
    checks.find((one) => one.name === name)?.status;
  if (!["tcp", "tls"].includes(statusOf("terminated") ?? "")) return undefined;
  return Object.entries(LIKENESSES).find(([, statuses]) =>
    Object.entries(statuses).every(
      ([name, status]) => statusOf(name) === status,
    ),
  )?.[0];
}
