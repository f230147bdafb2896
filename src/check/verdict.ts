import type { NamedFinding } from "./finding.ts";

/** A status of any check that says that bytes came other than they were sent. */
export const ALTERED = "altered";

/** Why a path fails its check, whatever was expected of it. */
export function reasonsIn(findings: readonly NamedFinding[]): string[] {
  return findings
    .filter(({ status }) => status === ALTERED)
    .map(({ name, text }) => `${name}: bytes were altered: ${text}`);
}
