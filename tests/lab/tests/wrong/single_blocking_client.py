# Wrong, where more than one client is expected: it reads from one client until that one leaves; all others wait.
# Seen in: the first server of every tutorial.
# Turns red: e09_second_client (judged as a server for many: `--as any`)

import contextlib
import socket
import sys

ip, port = sys.argv[1].rsplit(":", 1)
listener = socket.create_server((ip, int(port)), backlog=4096)
print("listening on {}:{}".format(*listener.getsockname()), flush=True)
while True:
    stream, _ = listener.accept()
    with stream, contextlib.suppress(OSError):
        while received := stream.recv(16_384):
            stream.sendall(received)
