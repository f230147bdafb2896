/** The hidden commands that make a process a worker. */
export const SERVER_WORKER = "server-worker";
export const LOAD_WORKER = "load-worker";
