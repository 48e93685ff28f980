# Wrong: a process for each client, and nobody waits for those that have ended: each stays behind as a zombie.
# Seen in: fork-per-client servers of many tutorials; the process table is full after some ten thousand clients.
# Turns red: e08_comings_and_goings

import os
import socket
import sys

ip, port = sys.argv[1].rsplit(":", 1)
listener = socket.create_server((ip, int(port)), backlog=4096)
print("listening on {}:{}".format(*listener.getsockname()), flush=True)
while True:
    stream, _ = listener.accept()
    if os.fork() == 0:
        listener.close()
        try:
            while received := stream.recv(16_384):
                stream.sendall(received)
        finally:
            os._exit(0)
    stream.close()
