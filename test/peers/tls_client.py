"""Sends bytes over TLS and half-closes, reads slowly, and tells what came.

tls_client.py PORT BYTES [CA [CERT KEY]]: exits 0 if all of it came back.
"""
import hashlib
import socket
import ssl
import sys
import threading
import time

port, size = int(sys.argv[1]), int(sys.argv[2])
context = ssl.create_default_context()
if len(sys.argv) > 3:
    context.load_verify_locations(sys.argv[3])
else:
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
if len(sys.argv) > 5:
    context.load_cert_chain(sys.argv[4], sys.argv[5])

block = bytes(range(256)) * 256
tls = context.wrap_socket(
    socket.create_connection(("127.0.0.1", port)), server_hostname="localhost"
)
sent, came = hashlib.sha256(), hashlib.sha256()


def send():
    left = size
    while left > 0:
        part = block[: min(left, len(block))]
        tls.sendall(part)
        sent.update(part)
        left -= len(part)


sender = threading.Thread(target=send)
sender.start()
received = 0
while received < size:
    chunk = tls.recv(1 << 20)
    if not chunk:
        break
    came.update(chunk)
    received += len(chunk)
    if received % 7 == 0:
        time.sleep(0.002)
sender.join()
print(tls.version(), received, file=sys.stderr)
# close_notify both ways: the server must answer ours with its own.
tls.unwrap()
sys.exit(0 if received == size and sent.digest() == came.digest() else 1)
