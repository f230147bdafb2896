"""Sends a line by TLS to PORT, and prints what comes and how TLS ends.

usage: tls_ends.py PORT SECONDS

It ends "clean" with TLS's own end, "truncated" without, or with an error's name;
"no handshake" where none comes within SECONDS.
"""

import errno
import socket
import ssl
import sys

port, seconds = int(sys.argv[1]), float(sys.argv[2])
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
# Some versions of Python take a bare FIN for TLS's end unless told not to.
context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
connection = socket.create_connection(("127.0.0.1", port), seconds)
try:
    tls = context.wrap_socket(connection, suppress_ragged_eofs=False)
except TimeoutError:
    print("no handshake")
    sys.exit()
tls.sendall(b"hello\n")
try:
    while came := tls.recv(1000):
        print(came.decode().strip())
    print("clean")
except ssl.SSLError as error:
    print("truncated" if "EOF" in str(error) else error)
except OSError as error:
    print(errno.errorcode.get(error.errno, error))
