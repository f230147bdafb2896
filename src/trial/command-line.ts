import type { TcpEndpoint } from "../address/endpoint.ts";
import { formatHostPort } from "../address/endpoint.ts";

/** Where a client is to connect, by what it is called in its command line. */
function places({ host, port }: TcpEndpoint): Record<string, string> {
  return { host, port: String(port), address: formatHostPort(host, port) };
}

const PLACEHOLDER = /\{(host|port|address)\}/g;

/** Whether one of its words has a place for where to connect. */
export function hasPlaceholder(command: readonly string[]): boolean {
  return command.some((word) => word.search(PLACEHOLDER) >= 0);
}

/** The command, with `{host}`, `{port}` and `{address}` filled in. */
export function filledIn(
  command: readonly string[],
  endpoint: TcpEndpoint,
): string[] {
  const at = places(endpoint);
  return command.map((word) =>
    word.replace(PLACEHOLDER, (_, name: string) => at[name]!),
  );
}

/** The same for a client that reads its environment. */
export function environment(endpoint: TcpEndpoint): Record<string, string> {
  const { host, port, address } = places(endpoint);
  return {
    SOUNDER_HOST: host!,
    SOUNDER_PORT: port!,
    SOUNDER_ADDRESS: address!,
  };
}

/** For a person, who may paste it into a shell. */
export function shellWords(command: readonly string[]): string {
  const quoted = command.map((word) =>
    /^[\w@%+=:,./[\]{}-]+$/.test(word)
      ? word
      : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return quoted.join(" ");
}
