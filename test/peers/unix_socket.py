"""Binds a Unix socket at a path, says so, and keeps it until its input ends.

full: listens, and its queue of connections is full
datagram, seqpacket: is a socket of another kind
bound: has not come to listen yet
"""

import socket
import sys

path, kind = sys.argv[1:]
kinds = {"datagram": socket.SOCK_DGRAM, "seqpacket": socket.SOCK_SEQPACKET}
ours = socket.socket(socket.AF_UNIX, kinds.get(kind, socket.SOCK_STREAM))
ours.bind("\0" + path[1:] if path.startswith("@") else path)
waiting = []
if kind == "seqpacket":
    ours.listen()
if kind == "full":
    ours.listen(0)
    while True:
        peer = socket.socket(socket.AF_UNIX)
        peer.setblocking(False)
        try:
            peer.connect(ours.getsockname())
        except BlockingIOError:
            break
        waiting.append(peer)
print("ready", file=sys.stderr, flush=True)
sys.stdin.read()
