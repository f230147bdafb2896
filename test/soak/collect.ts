/** Loaded before a server that is soaked: SIGUSR2 collects its garbage. */
process.on("SIGUSR2", () => Bun.gc(true));
