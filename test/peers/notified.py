"""Stands in for systemd: tells each datagram that comes to the socket PATH."""
import socket
import sys

notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notified.bind(sys.argv[1])
print("ready", file=sys.stderr, flush=True)
while True:
    for line in notified.recv(4096).decode().splitlines():
        print(line, file=sys.stderr, flush=True)
