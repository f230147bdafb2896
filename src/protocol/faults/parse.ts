import {
  type Action,
  type ActionName,
  ACTIONS,
  type Fault,
  type On,
  RULES,
  type Side,
  SIDES,
  type When,
} from "./fault.ts";
import { nearest } from "./nearest.ts";
import { quote, type Word, Words } from "./words.ts";

function parametersOf(words: Words, action: ActionName): object {
  const { parameters } = RULES[action];
  const found = {};
  for (const parameter of parameters) {
    switch (parameter) {
      case "size": {
        const size = words.size(`${action} needs a size, such as 64KiB`);
        Object.assign(found, { size });
        break;
      }
      case "time": {
        // Pieces may follow each other at once.
        const zero = action === "slice";
        const wanted = `${action} needs a duration, such as 500ms`;
        Object.assign(found, { time: words.time(wanted, zero) });
        break;
      }
      case "jittered": {
        const wanted = `${action} needs a duration, as in 50ms or 50ms+-10ms`;
        Object.assign(found, words.jittered(wanted));
        break;
      }
      case "count": {
        const count = words.count(`${action} needs a count, such as 100`);
        Object.assign(found, { count });
        break;
      }
      case "version":
        Object.assign(found, { version: versionOf(words) });
        break;
    }
  }
  return found;
}

function versionOf(words: Words): 1 | 2 {
  const wanted = "proxy-header needs its version: v1 or v2";
  const word = words.take(wanted);
  if (word.text === "v1") return 1;
  if (word.text === "v2") return 2;
  return words.fail(word, wanted);
}

function isAction(text: string): text is ActionName {
  return Object.hasOwn(RULES, text);
}

function didYouMean(text: string, known: readonly string[]): string {
  const meant = nearest(text, known);
  return meant === undefined ? "" : `: did you mean ${meant}?`;
}

function actionOf(words: Words): Action {
  const word = words.take("an action is missing, as in delay 50ms");
  const { text } = word;
  if (!isAction(text)) {
    const hint =
      didYouMean(text, ACTIONS) || `: there are ${ACTIONS.join(", ")}`;
    words.fail(word, `${quote(text)} is no action${hint}`);
  }
  // The table says which parameters belong to which action; the type as well.
  return { action: text, ...parametersOf(words, text) } as Action;
}

function towardOf(words: Words, first: Word, action: ActionName): Side {
  if (RULES[action].toward === "neither") {
    words.fail(first, `${action} has no direction: leave "toward" away`);
  }
  const wanted = "toward whom? client or server";
  const word = words.take(wanted);
  const side = SIDES.find((name) => name === word.text);
  return side ?? words.fail(word, wanted);
}

function whenOf(
  words: Words,
  first: Word,
  at: When["at"],
  action: ActionName,
): When {
  const { when } = RULES[action];
  if (!when.includes(at)) {
    words.fail(first, `${action} ${whyNever(action, at)}`);
  }
  if (at === "idle") {
    return { at, time: words.time("idle for how long? such as 30s") };
  }
  return { at, ...words.sizeOrTime(`${at} what? A size or a duration`) };
}

function whyNever(action: ActionName, at: When["at"]): string {
  if (RULES[action].when.length === 0) {
    return `is done as a connection begins: leave "${at}" away`;
  }
  return action === "delay"
    ? 'lasts once it has begun: say "after", or for a hiccup "freeze D every …"'
    : 'lasts once it has begun, or ends the connection: say "after"';
}

function onOf(words: Words, first: Word, action: ActionName): On {
  if (!RULES[action].on) {
    words.fail(first, `${action} is for all connections: leave "on" away`);
  }
  const wanted = "on which connections? 10%, every 3rd or first 5";
  const word = words.take(wanted);
  const [, digits] = /^(\d+(?:\.\d{1,6})?)%$/.exec(word.text) ?? [];
  if (digits !== undefined) {
    const percent = Number(digits);
    if (percent > 100) words.fail(word, "more than 100% there are not");
    return { percent };
  }
  if (word.text === "first") {
    return { first: words.count("the first how many? such as 5") };
  }
  if (word.text !== "every") words.fail(word, wanted);
  const nth = words.take("every which? 2nd, 3rd, …");
  const [, count] = /^(\d+)(?:st|nd|rd|th)$/.exec(nth.text) ?? [];
  const every = Number(count);
  if (!(every > 0 && Number.isSafeInteger(every))) {
    words.fail(nth, `${quote(nth.text)} is not an ordinal, such as 3rd`);
  }
  return { every };
}

const CLAUSES = ["toward", "after", "every", "idle", "on"] as const;
type Clause = (typeof CLAUSES)[number];

/** What a fault's clauses say in common: `after` and `idle` are both "when". */
function roleOf(clause: Clause): "toward" | "when" | "on" {
  return clause === "toward" || clause === "on" ? clause : "when";
}

/** What can't be, though each part of it could. */
function checkSizes(words: Words, fault: Fault, when: Word | undefined): void {
  if (fault.when?.at !== "every") return;
  const { action } = fault;
  const same =
    "size" in fault && "size" in fault.when
      ? fault.size >= fault.when.size
      : action === "freeze" &&
        "time" in fault.when &&
        fault.time >= fault.when.time;
  if (same) {
    words.fail(when, `the next ${action} would begin before this one is over`);
  }
}

function clauseOf(words: Words, word: Word, action: ActionName): Clause {
  const { text } = word;
  const clause = CLAUSES.find((name) => name === text);
  if (clause !== undefined) return clause;
  const hint =
    didYouMean(text, CLAUSES) || `: ${CLAUSES.join(", ")} may follow ${action}`;
  return words.fail(word, `${quote(text)} does not belong here${hint}`);
}

/**
 * One fault, as in `delay 50ms+-10ms toward client after 1MiB on 10%`.
 * @throws FaultError that tells the place of the first mistake
 */
export function parseFault(text: string): Fault {
  const words = new Words(text);
  const action = actionOf(words);
  const { action: name } = action;
  const found: { toward?: Side; when?: When; on?: On } = {};
  let whenAt: Word | undefined;
  for (;;) {
    const word = words.takeAny();
    if (word === undefined) break;
    const clause = clauseOf(words, word, name);
    const role = roleOf(clause);
    if (found[role] !== undefined) {
      const said = role === "when" ? "when (after, every, idle)" : `"${role}"`;
      words.fail(word, `it says ${said} twice`);
    }
    if (clause === "toward") found.toward = towardOf(words, word, name);
    else if (clause === "on") found.on = onOf(words, word, name);
    else {
      whenAt = word;
      found.when = whenOf(words, word, clause, name);
    }
  }
  const fault: Fault = { ...action, ...found };
  checkSizes(words, fault, whenAt);
  return fault;
}
