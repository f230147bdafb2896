"""An echo server with a thread for each connection. With `lines` it answers
only whole lines; with `stamps`, as the tutorials' does. Tells its port on
standard error.
"""

import socketserver
import sys
from time import ctime

KIND = sys.argv[1] if len(sys.argv) > 1 else "bytes"


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        if KIND == "lines":
            for line in self.rfile:
                self.wfile.write(line)
            return
        while data := self.request.recv(1024):
            stamp = b"[%s] " % ctime().encode() if KIND == "stamps" else b""
            self.request.sendall(stamp + data)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], file=sys.stderr, flush=True)
    server.serve_forever()
