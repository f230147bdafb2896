"""The tutorials' server: reads at most 1,024 bytes and sends them back behind
the time, to one client after the other. Tells its port on standard error.
"""

import socket
import sys
from time import ctime

BUFFER = 1024

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], file=sys.stderr)
while True:
    connection, _ = listener.accept()
    while data := connection.recv(BUFFER):
        connection.sendall(b"[%s] %s" % (ctime().encode(), data))
    connection.close()
