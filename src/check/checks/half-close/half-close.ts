import type { Check } from "../check.ts";
import { halfCloseAlone } from "./alone.ts";
import { halfCloseTogether } from "./together.ts";

/** Whether an answer still comes once we have finished. */
export const halfCloseCheck: Check = {
  name: "half-close",
  // Without cooperation it fills the path.
  when: "last",
  run: (path, tell) =>
    path.cooperates ? halfCloseTogether(path) : halfCloseAlone(path, tell),
};
