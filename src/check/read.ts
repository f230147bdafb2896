import published from "../../docs/check.schema.json" with { type: "json" };
import { SounderError } from "../errors/errors.ts";
import { depthComplaint, type NamedValue } from "../result/read.ts";
import { complaint } from "../result/schema.ts";
import type { NamedCheck } from "./compare.ts";
import type { CheckResult } from "./result.ts";

/** @throws SounderError `ERESULT` */
export function checksOf(values: readonly NamedValue[]): NamedCheck[] {
  return values.map(({ name, value }) => {
    const wrong =
      depthComplaint(value) ?? complaint(value, published, published.$defs);
    if (wrong !== undefined) {
      throw new SounderError(
        `${name} is not a result of check: ${wrong}`,
        "ERESULT",
      );
    }
    return { name, result: value as CheckResult };
  });
}
