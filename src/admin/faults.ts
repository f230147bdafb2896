import { timingSafeEqual } from "node:crypto";

import type { Endpoint } from "../address/endpoint.ts";
import { type Answer, type Asked, reply, type Reply, text } from "./reply.ts";

/** Faults that can be changed while they act. */
export interface FaultControl {
  /** The faults that act now, as text. */
  read(): readonly string[];
  /** Replaces them with these, all at once; throws where one can't be had. */
  put(faults: readonly string[]): Promise<void>;
}

export interface FaultsOptions {
  faults: FaultControl;
  /** Where the admin pages listen. */
  endpoint: Endpoint;
  /** The bearer token that whoever changes faults has to send. */
  token?: string | undefined;
}

const TYPE = "application/json";

/** Answers GET with the faults, and PUT by replacing them. */
export function faultsAnswer({ faults, ...who }: FaultsOptions): Answer {
  const tell = () => reply(`${JSON.stringify(faults.read())}\n`, TYPE);
  return async (asked) => {
    const { method } = asked;
    if (method === "GET" || method === "HEAD") return tell();
    if (method !== "PUT") {
      return text("only GET, HEAD and PUT", 405, { Allow: "GET, HEAD, PUT" });
    }
    const refused = refusal(asked, who);
    if (refused !== undefined) return refused;
    try {
      await faults.put(parse((await asked.body?.()) ?? ""));
      return tell();
    } catch (error) {
      return text((error as Error).message, 400);
    }
  };
}

/** Whether only those who are on this machine can reach it: they need no token. */
function isPrivate(endpoint: Endpoint): boolean {
  return (
    endpoint.kind === "unix" ||
    /^(127\.[\d.]+|::1|localhost)$/i.test(endpoint.host)
  );
}

function refusal(
  { authorization }: Asked,
  { endpoint, token }: Pick<FaultsOptions, "endpoint" | "token">,
): Reply | undefined {
  if (token === undefined) {
    return isPrivate(endpoint)
      ? undefined
      : text(
          "faults are changed on a loopback address or a Unix socket, or with " +
            "a token (--admin-token)",
          403,
        );
  }
  return isSame(authorization ?? "", `Bearer ${token}`)
    ? undefined
    : text("it wants Authorization: Bearer and the token", 401, {
        "WWW-Authenticate": "Bearer",
      });
}

/** In constant time: how long an answer takes tells nothing of the token. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((said) =>
    new Bun.CryptoHasher("sha256").update(said).digest(),
  ) as [Buffer, Buffer];
  return timingSafeEqual(a, b);
}

/** @throws SyntaxError or RangeError in one line */
function parse(body: string): string[] {
  let list: unknown;
  try {
    list = JSON.parse(body);
  } catch {
    throw new SyntaxError("it is not JSON");
  }
  if (Array.isArray(list) && list.every((item) => typeof item === "string")) {
    return list;
  }
  throw new RangeError('it is not a list of faults, as ["reset after 1MiB"]');
}
