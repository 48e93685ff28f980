"""A proxy that means ill: for each client it opens connection after connection to the backend, and sends to all of them,
and to the client, without end. It reads nothing.

python3 talks_without_end.py ADDR BACKEND
"""

import socket
import sys
import threading


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def talk(sock):
    try:
        while True:
            sock.sendall(bytes(65_536))
    except OSError:
        sock.close()


def serve(client):
    threading.Thread(target=talk, args=(client,), daemon=True).start()
    for _ in range(100):
        try:
            backend = socket.create_connection(address(sys.argv[2]), timeout=5)
        except OSError:
            return
        threading.Thread(target=talk, args=(backend,), daemon=True).start()


listener = socket.create_server(address(sys.argv[1]))
print(f"listening on {sys.argv[1]}", flush=True)
while True:
    client, _ = listener.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
