/** The target that is our own server, which sends back what it gets. */
export const ECHO = "echo";
