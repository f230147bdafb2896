"""The tutorials' client: sends a line without its newline, waits for one reply
of at most 1,024 bytes, and prints it; an empty line ends it.
"""

import socket
import sys

BUFFER = 1024

connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
for line in sys.stdin:
    data = line.rstrip("\n")
    if not data:
        break
    connection.send(data.encode())
    reply = connection.recv(BUFFER)
    if not reply:
        break
    print(reply.decode(), flush=True)
connection.close()
