// The least an echo on Bun can do: no back-pressure, no half-close.
const server = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    data(socket, chunk) {
      socket.write(chunk);
    },
  },
});
console.log(server.port);
