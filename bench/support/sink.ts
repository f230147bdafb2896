/** A process that takes bytes on a TCP port of 127.0.0.1 and forgets them. */
export async function sink(): Promise<Disposable & { port: number }> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const child = Bun.spawn([process.execPath, import.meta.path], {
    ipc: resolve,
  });
  return { port: await promise, [Symbol.dispose]: () => child.kill() };
}

if (import.meta.main) {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data() {} },
  });
  process.send!(listener.port);
}
