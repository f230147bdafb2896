import { chooseCases } from "../../trial/choose.ts";
import { faultsText } from "../../trial/page.ts";
import { wrap } from "../../report/text/layout.ts";
import { argument } from "../shared/mistake.ts";
import { output } from "../shared/output.ts";
import { screenOf } from "../shared/screen.ts";
import type { TrialFlags } from "./flags.ts";

/** Tells what each case does, imitates and wants. @returns the exit status */
export async function listCases({ only, skip }: TrialFlags): Promise<number> {
  const { columns } = screenOf(1);
  const cases = argument(() => chooseCases(only, skip))("");
  const lines = cases.flatMap(({ name, kind, faults, imitates, should }) => [
    ...wrap(`${name} (${kind}): ${faultsText(faults)}`, columns, 2),
    ...wrap(`  in real life: ${imitates}`, columns, 4),
    ...wrap(`  a client should ${should}`, columns, 4),
  ]);
  await output(`${lines.join("\n")}\n`);
  return 0;
}
