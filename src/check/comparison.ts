import {
  conditionsOf,
  type Difference,
  differences,
  type NamedCheck,
} from "./compare.ts";

export interface CheckComparison {
  base: NamedCheck;
  others: (NamedCheck & { differs: string[]; changes: Difference[] })[];
}

/** Sets each of the others against the first. */
export function compareChecks(
  base: NamedCheck,
  others: readonly NamedCheck[],
): CheckComparison {
  return {
    base,
    others: others.map(({ name, result }) => ({
      name,
      result,
      differs: conditionsOf(base.result, result),
      changes: differences(base.result, result),
    })),
  };
}

/**
 * What `report --compare --json` prints of checks:
 * docs/check-comparison.schema.json.
 */
export function checkComparisonJson({
  base,
  others,
}: CheckComparison): unknown {
  const verdictOf = ({ result: { verdict, reasons } }: NamedCheck) => ({
    verdict,
    reasons,
  });
  return {
    version: 1,
    kind: "check-comparison",
    base: base.name,
    ...verdictOf(base),
    others: others.map((other) => ({
      name: other.name,
      ...verdictOf(other),
      differs: other.differs,
      changes: other.changes,
    })),
  };
}
