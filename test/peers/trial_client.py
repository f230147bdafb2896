"""A client of an echo: trial_client.py HOST PORT HOW.

It sends what it gets on standard input, and prints what comes back.
HOW it reads: `careful`: as many bytes as it sent, compared, within a time;
`trusting`: until the FIN, whatever comes, for ever; `crashing`: as careful, but
it aborts where the answer is cut.
"""

import os
import socket
import sys

WITHIN = 3  # seconds without a byte

host, port, how = sys.argv[1:]
sent = sys.stdin.buffer.read()
within = None if how == "trusting" else WITHIN
got = b""
with socket.create_connection((host, int(port)), WITHIN) as server:
    server.settimeout(within)
    server.sendall(sent)
    server.shutdown(socket.SHUT_WR)
    while how == "trusting" or len(got) < len(sent):
        data = server.recv(65536)
        if not data:
            break
        got += data
if how == "crashing" and len(got) < len(sent):
    os.abort()
if how == "careful" and got != sent:
    sys.exit(f"error: {len(got)} of {len(sent)} bytes came, or wrong ones")
sys.stdout.buffer.write(got)
