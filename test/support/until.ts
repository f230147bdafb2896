/**
 * Resolves once `condition` holds. It looks again on each turn of the event
 * loop, so that what is awaited can happen meanwhile.
 */
export async function until(
  condition: () => boolean,
  what: string,
  within = 20_000,
): Promise<void> {
  const deadline = performance.now() + within;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error(`waited ${within} ms in vain: ${what}`);
    }
    await Bun.sleep(2);
  }
}
