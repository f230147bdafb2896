"""Echoes over TLS on a free port: tls_server.py CERT KEY [CLIENT_CA]."""
import socket
import ssl
import sys
import threading

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])


def tell(line):
    """One write, which no other thread's can come into."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def tell_name(_socket, name, _context):
    tell(f"SNI {name}")


context.sni_callback = tell_name
if len(sys.argv) > 3:
    context.load_verify_locations(sys.argv[3])
    context.verify_mode = ssl.CERT_REQUIRED

listener = socket.create_server(("127.0.0.1", 0))
print("Listening on", listener.getsockname()[1], file=sys.stderr, flush=True)


def serve(plain):
    try:
        tls = context.wrap_socket(plain, server_side=True)
        while chunk := tls.recv(65536):
            tls.sendall(chunk)
        tls.unwrap()
    except (ssl.SSLError, OSError) as error:
        tell(f"failed: {error}")
    plain.close()


while True:
    threading.Thread(target=serve, args=(listener.accept()[0],)).start()
