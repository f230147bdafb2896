"""Listens, and accepts nobody until a line arrives on standard input.

Tells its port on standard error once the kernel answers no further SYN, so
that a connection stays in the air. Afterwards it accepts all, and tells how
each of those that it did not open itself ended: `FIN`, or the error's name.
"""

import errno
import socket
import sys

listener = socket.create_server(("127.0.0.1", 0), backlog=0)
own = []
try:
    while True:
        own.append(socket.socket())
        own[-1].settimeout(0.2)
        own[-1].connect(listener.getsockname())
except TimeoutError:
    pass
ports = {filler.getsockname()[1] for filler in own}
print(listener.getsockname()[1], file=sys.stderr)

sys.stdin.readline()
while True:
    connection, (_, port) = listener.accept()
    if port in ports:
        continue
    try:
        ending = "FIN" if connection.recv(1) == b"" else "data"
    except OSError as error:
        ending = errno.errorcode[error.errno]
    print(ending, file=sys.stderr)
