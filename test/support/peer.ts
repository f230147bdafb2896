/**
 * The path of a program that tests talk to, or undefined where it is not
 * installed: its tests are skipped then, and the reason is told. CI has to have
 * them all.
 */
export function peerProgram(name: string): string | undefined {
  const path = Bun.which(name);
  if (path !== null) return path;
  const reason = `${name} is not installed`;
  if (process.env["CI"]) throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return undefined;
}
