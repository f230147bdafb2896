"""Connects by TLS to 127.0.0.1 PORT for a NAME, and prints what it makes of it.

usage: tls_verdict.py PORT NAME CAFILE

Prints "good", the reason why the certificate is not, or an error's name.
"""

import errno
import socket
import ssl
import sys

port, name, ca = sys.argv[1:]
context = ssl.create_default_context(cafile=ca or None)
try:
    with socket.create_connection(("127.0.0.1", int(port)), 5) as connection:
        with context.wrap_socket(connection, server_hostname=name):
            print("good")
except ssl.SSLCertVerificationError as error:
    print(error.verify_message)
except OSError as error:
    print(errno.errorcode.get(error.errno, error))
