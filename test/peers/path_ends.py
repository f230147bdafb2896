"""Plays both ends of a path, and tells what each of them saw.

Standard input is one line of JSON: `port` to connect to, and what `client` and
`server` do: `send` is a list of [milliseconds to wait, text, times]; `lastly`
they `finish`, `reset`, or do `nothing`. They read from `read_after` milliseconds
on. The server's port is told on standard error before the line is read. Standard output is JSON: of each end what it `got` (base64), its
`reads` as [milliseconds, bytes], and how it `ended`: FIN, an error's name, or
"timeout" where nothing came for `patience` seconds; milliseconds are of one
clock, from before the connect.
"""

import base64
import errno
import json
import socket
import struct
import sys
import threading
import time


def now():
    return (time.monotonic() - began) * 1000


def name_of(error):
    if isinstance(error, TimeoutError):
        return "timeout"
    return errno.errorcode.get(error.errno, str(error))


def send(connection, plan, seen):
    try:
        for wait, text, times in plan["send"]:
            time.sleep(wait / 1000)
            seen["sent"].append(now())
            connection.sendall(text.encode() * times)
        if plan["lastly"] == "finish":
            connection.shutdown(socket.SHUT_WR)
        elif plan["lastly"] == "reset":
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            # Closes although another thread may read.
            connection.shutdown(socket.SHUT_RD)
            connection.close()
    except OSError as error:
        seen["sendError"] = name_of(error)


def play(connection, plan, seen):
    connection.settimeout(plan.get("patience", 3))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sender = threading.Thread(target=send, args=(connection, plan, seen))
    sender.start()
    if plan["lastly"] == "reset":
        sender.join()
        return
    time.sleep(plan.get("read_after", 0) / 1000)
    got = []
    try:
        while chunk := connection.recv(plan.get("read_size", 1 << 20)):
            seen["reads"].append([now(), len(chunk)])
            got.append(chunk)
        seen["ended"] = "FIN"
    except OSError as error:
        seen["ended"] = name_of(error)
    seen["endedAt"] = now()
    seen["got"] = base64.b64encode(b"".join(got)).decode()
    sender.join()
    connection.close()


def serve(listener, plan, seen):
    listener.settimeout(plan.get("patience", 3))
    try:
        connection, _ = listener.accept()
    except TimeoutError:
        seen["ended"] = "never connected"
        return
    play(connection, plan, seen)


def blank():
    return {"got": "", "reads": [], "sent": [], "ended": None}


began = time.monotonic()
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], file=sys.stderr, flush=True)
plan = json.loads(sys.stdin.readline())
seen = {"client": blank(), "server": blank()}
threads = []
if "server" in plan:
    threads.append(
        threading.Thread(target=serve, args=(listener, plan["server"], seen["server"]))
    )
    threads[0].start()
began = time.monotonic()
try:
    connection = socket.create_connection(("127.0.0.1", plan["port"]))
    play(connection, plan["client"], seen["client"])
except OSError as error:
    seen["client"]["ended"] = name_of(error)
for thread in threads:
    thread.join()
print(json.dumps(seen))
