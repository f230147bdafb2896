"""Peers that send and never read.

usage: stallers.py PORT COUNT

Says "stalled" once the server takes no more from any of them. Then it does
what standard input tells it, finish or reset, and says that it did.
"""

import select
import socket
import struct
import sys

port, count = int(sys.argv[1]), int(sys.argv[2])
stallers = []
for _ in range(count):
    peer = socket.socket()
    # A small window, so that little is on its way when the server stalls.
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(("127.0.0.1", port))
    peer.setblocking(False)
    stallers.append(peer)

chunk = b"s" * 65536
while writable := select.select([], stallers, [], 0.3)[1]:
    for peer in writable:
        try:
            peer.send(chunk)
        except BlockingIOError:
            pass
print("stalled", file=sys.stderr)

for command in map(str.strip, sys.stdin):
    for peer in stallers:
        if command == "finish":
            peer.shutdown(socket.SHUT_WR)
        else:
            linger = struct.pack("ii", 1, 0)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            peer.close()
    print(f"did {command}", file=sys.stderr)
