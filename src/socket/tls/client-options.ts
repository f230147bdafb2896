import {
  type Endpoint,
  formatEndpoint,
  isSecure,
} from "../../address/endpoint.ts";
import { SounderError } from "../../errors/errors.ts";
import {
  checkOptions,
  type Rules,
  SECRET,
  SWITCH,
  TEXT,
} from "../../options.ts";
import type { ClientTls } from "./client.ts";
import { checkPair, firstCertificate } from "./pem.ts";

const TLS: Rules<ClientTls> = {
  ca: TEXT,
  cert: TEXT,
  key: SECRET,
  serverName: TEXT,
  insecure: SWITCH,
  fingerprint: {
    holds: (value) =>
      typeof value === "string" &&
      /^[\da-f]{64}$/i.test(value.replaceAll(":", "")),
    wants: "a SHA-256: 64 hex digits",
  },
};

/**
 * @param of the call and its option that it is
 * @throws SounderError `EOPTION` or `ETLS`
 */
export function checkClientTls(
  { call, option }: { call: string; option: string },
  target: Endpoint,
  tls: ClientTls,
): void {
  checkOptions(call, tls, TLS, option);
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  if (!isSecure(target) && given.length > 0) {
    throw new SounderError(
      `${call}: ${option}.${given[0]![0]} is given, but ${formatEndpoint(target)} ` +
        "does not begin with tls://",
      "EOPTION",
    );
  }
  const { ca, cert, key } = tls;
  const name = (part: string) => `the option ${option}.${part} of ${call}`;
  if ((cert === undefined) !== (key === undefined)) {
    throw new SounderError(
      `${call}: ${option}.cert and ${option}.key go together`,
      "EOPTION",
    );
  }
  if (cert !== undefined && key !== undefined) {
    checkPair({ cert, key }, { cert: name("cert"), key: name("key") });
  }
  if (ca !== undefined) firstCertificate(ca, name("ca"));
}
