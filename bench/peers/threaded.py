"""The tutorial's way: a thread for each client."""
import socket
import threading


def serve(client):
    with client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while chunk := client.recv(65536):
                client.sendall(chunk)
        except OSError:
            pass


server = socket.create_server(("127.0.0.1", 0), backlog=512)
print(server.getsockname()[1], flush=True)
while True:
    client, _ = server.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
