import Ajv from "ajv/dist/2020.js";

import checkComparison from "../../docs/check-comparison.schema.json";
import check from "../../docs/check.schema.json";
import comparison from "../../docs/comparison.schema.json";
import result from "../../docs/result.schema.json";
import trial from "../../docs/trial.schema.json";

/**
 * A published schema lets unknown keys through, since new ones may come; a
 * key that we write and it does not know was forgotten there.
 */
function closed(of: object): object {
  const inside = Object.entries(of).map(([key, value]) => [
    key,
    typeof value === "object" && !Array.isArray(value) ? closed(value) : value,
  ]);
  return "required" in of
    ? { additionalProperties: false, ...Object.fromEntries(inside) }
    : Object.fromEntries(inside);
}

function complaintsBy(schema: object): (value: unknown) => string[] {
  const options = { allErrors: true, allowUnionTypes: true };
  const validate = new Ajv(options).compile(closed(schema));
  return (value) => {
    validate(value);
    return (validate.errors ?? []).map(
      ({ instancePath, message }) => `${instancePath} ${message}`,
    );
  };
}

/** What keeps a value from being a result, or is not told, by that in docs. */
export const complaintsOf = complaintsBy(result);

/** As complaintsOf(), of a comparison. */
export const comparisonComplaints = complaintsBy(comparison);

/** As complaintsOf(), of a check. */
export const checkComplaints = complaintsBy(check);

/** As complaintsOf(), of a comparison of checks. */
export const checkComparisonComplaints = complaintsBy(checkComparison);

/** As complaintsOf(), of a trial. */
export const trialComplaints = complaintsBy(trial);
