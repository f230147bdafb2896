/** A port that was free a moment ago, for programs that can't choose one. */
export function freePort(): number {
  using listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data() {} },
  });
  return listener.port;
}
