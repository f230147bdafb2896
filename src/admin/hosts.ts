import { isIP } from "node:net";

/**
 * Tells whether a request's Host header is one that a browser may have sent on
 * its user's behalf. Any web site can point its own name at an address in our
 * network and read what answers there, as if it were its own: DNS rebinding. It
 * has to ask by its name, so that names must be known. An IP address can't be
 * rebound, and is how Prometheus and Kubernetes ask.
 */
export function hostCheck(
  names: readonly string[],
): (header: string | null) => boolean {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return (header) => {
    const [, v6, plain = ""] =
      /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(header ?? "") ?? [];
    if (v6 !== undefined) return isIP(v6) === 6;
    const name = plain.toLowerCase();
    return (
      isIP(name) === 4 ||
      name === "localhost" ||
      name.endsWith(".localhost") ||
      known.has(name)
    );
  };
}
