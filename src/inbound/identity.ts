import { checkOptions, type Rules, SECRET, TEXT } from "../socket/options.ts";
import { checkPair, firstCertificate } from "../socket/tls/pem.ts";
import type { ServerTls } from "./layers/tls.ts";

const IDENTITY: Rules<ServerTls> = { cert: TEXT, key: SECRET, clientCa: TEXT };

/**
 * @param call whose option it is, as `startServer()`
 * @throws SounderError `EOPTION`, or `ETLS` where TLS can't use it
 */
export function checkIdentity(call: string, tls: ServerTls): void {
  checkOptions(call, tls, IDENTITY, "tls");
  const { cert = "", key = "", clientCa } = tls;
  const name = (option: string) => `the option tls.${option} of ${call}`;
  checkPair({ cert, key }, { cert: name("cert"), key: name("key") });
  if (clientCa !== undefined) firstCertificate(clientCa, name("clientCa"));
}
