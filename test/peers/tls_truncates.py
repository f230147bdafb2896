"""A TLS peer that ends its stream as it is told, and says how.

tls_truncates.py server CERT KEY VERSION HOW: echoes the first chunk on each
connection, or the first half of it (HOW ends in -half), then ends.
tls_truncates.py client PORT VERSION HOW TEXT: sends TEXT, ends, and prints all
that comes back.

HOW begins with "cut" (a FIN alone), "end" (close_notify, then a FIN) or "late"
(close_notify, and a FIN a little later). VERSION is 1.2 or 1.3.
"""
import socket
import ssl
import sys
import threading
import time


def at_most(context, version):
    context.maximum_version = {
        "1.2": ssl.TLSVersion.TLSv1_2,
        "1.3": ssl.TLSVersion.TLSv1_3,
    }[version]
    return context


def end(tls, how):
    """Ends our side; the other's is still to be read."""
    fin = socket.socket(fileno=socket.dup(tls.fileno()))
    if not how.startswith("cut"):
        tls.setblocking(False)
        try:
            tls.unwrap()
        except (ssl.SSLError, OSError):
            pass  # The peer's close_notify is not there yet.
    if how.startswith("late"):
        time.sleep(0.1)
    fin.shutdown(socket.SHUT_WR)
    fin.settimeout(10)
    return fin


def serve(plain, context, how):
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls = context.wrap_socket(plain, server_side=True)
        chunk = tls.recv(1 << 20)
        tls.sendall(chunk[: len(chunk) // 2] if how.endswith("-half") else chunk)
        fin = end(tls, how)
        while fin.recv(65536):
            pass
        fin.close()
        tls.close()
    except OSError:
        pass


if sys.argv[1] == "server":
    cert, key, version, how = sys.argv[2:]
    context = at_most(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), version)
    context.load_cert_chain(cert, key)
    listener = socket.create_server(("127.0.0.1", 0))
    print("Listening on", listener.getsockname()[1], file=sys.stderr, flush=True)
    while True:
        args = (listener.accept()[0], context, how)
        threading.Thread(target=serve, args=args, daemon=True).start()
else:
    port, version, how, text = sys.argv[2:]
    context = at_most(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), version)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", int(port)))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    tls = context.wrap_socket(plain)
    tls.sendall(text.encode())
    if how.startswith("cut"):
        fin = end(tls, how)
        tls.settimeout(10)
        while chunk := tls.recv(65536):
            sys.stdout.buffer.write(chunk)
    else:
        got = b""
        while len(got) < len(text.encode()):
            got += tls.recv(65536)
        sys.stdout.buffer.write(got)
        fin = end(tls, how)
        while fin.recv(65536):
            pass
