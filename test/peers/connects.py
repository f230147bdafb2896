"""Connects to HOST PORT as often as told, SECONDS each, and prints what it got.

usage: connects.py HOST PORT COUNT SECONDS
"""

import errno
import socket
import sys

host, port, count, seconds = sys.argv[1:]
kept = []
for _ in range(int(count)):
    try:
        kept.append(socket.create_connection((host, int(port)), float(seconds)))
        print("connected")
    except TimeoutError:
        print("timeout")
    except OSError as error:
        print(errno.errorcode[error.errno])
