import { isOn } from "../protocol/faults/chance.ts";
import type { ActionName, Fault } from "../protocol/faults/fault.ts";
import { isCertificateFault } from "./certificates.ts";
import type { Chosen } from "./link.ts";

/** What is done to a connection before a byte of it is looked at. */
export interface Admission {
  /** All faults that are on it. */
  chosen: Chosen[];
  /** It is reset because of this one. */
  refusedBy: Fault | undefined;
  /** Its handshake is not answered because of this one. */
  stalledBy: Fault | undefined;
  /** What is wrong with the certificate that it is shown: often nothing. */
  certificate: ActionName[];
}

/**
 * @param id the connection's number, from 1
 * @param open how many others there are
 */
export function admit(
  faults: readonly Fault[],
  { id, seed, open }: { id: number; seed: number; open: number },
): Admission {
  const chosen = faults
    .map((fault, index) => ({ fault, index }))
    .filter(({ fault, index }) => isOn(fault, index, id, seed));
  const on = chosen.map(({ fault }) => fault);
  return {
    chosen,
    refusedBy: on.find(
      (fault) =>
        fault.action === "refuse" ||
        (fault.action === "limit" && open >= fault.count),
    ),
    stalledBy: on.find(({ action }) => action === "tls-stall"),
    certificate: on.filter(isCertificateFault).map(({ action }) => action),
  };
}
