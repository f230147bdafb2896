import { nearest } from "../protocol/faults/nearest.ts";
import { CHECK_NAMES, type CheckName } from "./finding.ts";

/** `mtu,reset*`: each of them is of some check. @throws RangeError */
export function parseNames(text: string): CheckName[] {
  return text.split(",").flatMap((one) => {
    const pattern = one.trim();
    const glob = new Bun.Glob(pattern);
    const matching = CHECK_NAMES.filter((name) => glob.match(name));
    if (matching.length > 0) return matching;
    const meant = nearest(pattern, CHECK_NAMES);
    const hint =
      meant === undefined ? CHECK_NAMES.join(", ") : `did you mean ${meant}?`;
    throw new RangeError(`"${pattern}" is no check: ${hint}`);
  });
}
