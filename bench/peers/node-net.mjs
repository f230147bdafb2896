// Plain JavaScript: not every Node runs TypeScript.
import { createServer } from "node:net";

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {});
  socket.pipe(socket);
});
server.listen(0, "127.0.0.1", () => {
  console.log(server.address().port);
});
