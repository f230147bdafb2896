import { cFunctions } from "./c-library.ts";

/** shutdown(2): no more will be sent. */
const SHUT_WR = 1;

function load() {
  return cFunctions({ shutdown: { args: ["i32", "i32"], returns: "i32" } });
}

let library: ReturnType<typeof load> | "not yet" = "not yet";

/**
 * Sends a socket's FIN past Bun, which would end TLS before.
 * @returns whether it could
 */
export function shutdownSending(fd: number | undefined): boolean {
  if (library === "not yet") library = load();
  if (library === undefined || fd === undefined || fd < 0) return false;
  return library.shutdown(fd, SHUT_WR) === 0;
}
