import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "../address/endpoint.ts";
import { SounderError } from "../errors/errors.ts";

/** An admin port is not for everyone, unless that is said. */
const DEFAULT_HOST = "127.0.0.1";

/** @throws SounderError where it is no address, or none for plain HTTP */
export function adminEndpoint(address: string | Endpoint): Endpoint {
  const endpoint =
    typeof address === "string" ? parseEndpoint(address) : address;
  switch (endpoint.kind) {
    case "unix":
      return endpoint;
    case "tcp":
      return { ...endpoint, host: endpoint.host || DEFAULT_HOST };
    case "tls":
      throw new SounderError(
        `cannot serve admin pages on ${formatEndpoint(endpoint)}: they are plain ` +
          "HTTP, on TCP or a Unix socket",
        "EADDRESS",
      );
  }
}
