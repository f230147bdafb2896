import { nearest } from "../protocol/faults/nearest.ts";
import { exampleOf, formatFigure, parseFigure, type Unit } from "./figure.ts";
import { CHECK_NAMES, type CheckName, type NamedFinding } from "./finding.ts";
import type { Reach } from "./path.ts";
import type { Expectation } from "./result.ts";
import { STATUSES } from "./statuses.ts";

type Sign = "=" | "!=" | ">" | ">=" | "<" | "<=";

/** What somebody counts on, such as `half-close=kept` or `idle>350s`. */
export interface Expected {
  /** As it was given, but for blanks. */
  text: string;
  name: CheckName;
  sign: Sign;
  /** A status, or a figure. */
  of: { status: string } | { figure: number; unit: Unit };
}

const FORM = /^\s*([a-z-]+)\s*(!=|>=|<=|=|>|<)\s*(\S+)\s*$/;

/** @throws RangeError that says what is wrong with it */
export function parseExpected(text: string): Expected {
  const [, name = "", sign = "", value = ""] = FORM.exec(text) ?? [];
  if (name === "") {
    throw new RangeError(
      `"${text}" is no expectation, such as half-close=kept or "idle>350s"`,
    );
  }
  if (!isName(name)) {
    const meant = nearest(name, CHECK_NAMES);
    const hint =
      meant === undefined ? CHECK_NAMES.join(", ") : `did you mean ${meant}?`;
    throw new RangeError(`"${text}": there is no check "${name}": ${hint}`);
  }
  const expected = { text: name + sign + value, name, sign: sign as Sign };
  const isOrder = sign !== "=" && sign !== "!=";
  if (isOrder) return { ...expected, of: figureOf(text, name, value) };
  return { ...expected, of: statusOf(text, name, value) };
}

function isName(name: string): name is CheckName {
  return (CHECK_NAMES as readonly string[]).includes(name);
}

function figureOf(text: string, name: CheckName, value: string) {
  const { figure: unit } = STATUSES[name];
  if (unit === undefined) {
    const words = STATUSES[name].words.join(" or ");
    throw new RangeError(`"${text}": ${name} has no figure; it is ${words}`);
  }
  return { figure: readFigure(text, value, unit), unit };
}

function statusOf(
  text: string,
  name: CheckName,
  value: string,
): Expected["of"] {
  const { words, figure: unit } = STATUSES[name];
  if (words.includes(value) || value === "unknown") return { status: value };
  if (unit !== undefined && /^\d/.test(value)) {
    return { figure: readFigure(text, value, unit), unit };
  }
  const known = [...words, "unknown"];
  const meant = nearest(value, known);
  const hint =
    meant === undefined
      ? `it is ${known.join(", ")}`
      : `did you mean ${meant}?`;
  throw new RangeError(`"${text}": ${name} is never "${value}": ${hint}`);
}

function readFigure(text: string, value: string, unit: Unit): number {
  try {
    return parseFigure(value, unit);
  } catch {
    const example = exampleOf(unit);
    throw new RangeError(
      `"${text}": "${value}" is no figure such as ${example}`,
    );
  }
}

/**
 * As far as has to be looked, at least, so that expectations can be told.
 * @returns another reach, where they want more than was asked for
 */
export function reachFor(reach: Reach, expected: readonly Expected[]): Reach {
  const least = (name: CheckName) =>
    Math.max(
      0,
      ...expected.flatMap((one) =>
        one.name === name && "figure" in one.of ? [one.of.figure] : [],
      ),
    );
  const lifetime = Math.max(reach.lifetime ?? 0, least("lifetime") * 1100);
  return {
    ...reach,
    // A little further than asked: a figure itself is not more than itself.
    idle: Math.max(reach.idle, least("idle") * 1100),
    connections: Math.max(reach.connections, least("limit") + 1),
    lifetime: lifetime > 0 ? lifetime : undefined,
  };
}

/** Whether it is so. */
export function judge(
  { text, name, sign, of }: Expected,
  findings: readonly NamedFinding[],
): Expectation {
  const finding = findings.find((one) => one.name === name);
  if (finding === undefined) {
    return { expected: text, met: null, found: "this check did not run" };
  }
  const found = foundOf(finding);
  const isAboutUnknown = "status" in of && of.status === "unknown";
  const isUnknown = finding.status === "unknown";
  const hasNone = "figure" in of && finding.value === undefined;
  if ((isUnknown && !isAboutUnknown) || hasNone) {
    const hint = isUnknown ? `; ${finding.means}` : "";
    const why = `it can't be told: ${finding.text}${hint}`;
    return { expected: text, met: null, found: why };
  }
  if ("status" in of) {
    const same = finding.status === of.status;
    return { expected: text, met: (sign === "=") === same, found };
  }
  const met = holds(finding.value!, sign, of.figure);
  return { expected: text, met, found };
}

function foundOf({ name, status, value }: NamedFinding): string {
  const { figure: unit } = STATUSES[name];
  if (unit === undefined || value === undefined) return status;
  const figure = formatFigure(value, unit);
  // A status that is a figure says the same again.
  return /^\d/.test(status) ? figure : `${status}, ${figure}`;
}

function holds(value: number, sign: Sign, figure: number): boolean {
  switch (sign) {
    case "=":
      return value === figure;
    case "!=":
      return value !== figure;
    case ">":
      return value > figure;
    case ">=":
      return value >= figure;
    case "<":
      return value < figure;
    case "<=":
      return value <= figure;
  }
}

/** As a reason of a check that failed. */
export function missedText({ expected, found }: Expectation): string {
  return `${expected} was expected: ${found}`;
}
