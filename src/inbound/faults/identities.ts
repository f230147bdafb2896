import { hostname } from "node:os";

import {
  type FaultyIdentity,
  faultyIdentity,
  isCertificateFault,
} from "../../faults/certificates.ts";
import type { ActionName, Fault } from "../../protocol/faults/fault.ts";

/** Certificates by what is wrong with them. */
export type Identities = ReadonlyMap<string, FaultyIdentity>;

/** What is wrong with a certificate, as a key of identities. */
export function keyOf(wrong: readonly ActionName[]): string {
  return wrong.toSorted().join(" ");
}

/** All that can come together of what faults say on some connections. */
function combinations(actions: readonly ActionName[]): ActionName[][] {
  return actions.reduce<ActionName[][]>(
    (all, action) => [...all, ...all.map((some) => [...some, action])],
    [[]],
  );
}

/** The certificates that faults ask for: made once, before they are needed. */
export async function identitiesFor(
  faults: readonly Fault[],
): Promise<Identities> {
  const wrong = faults.filter(isCertificateFault).map(({ action }) => action);
  const made = new Map<string, FaultyIdentity>();
  const names = ["localhost", hostname()];
  for (const some of combinations([...new Set(wrong)])) {
    if (some.length === 0) continue;
    made.set(keyOf(some), await faultyIdentity(some, names));
  }
  return made;
}
