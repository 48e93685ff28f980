"""What the scripts of the tickets use. They run with Python 3, and need nothing else.

The server under suspicion listens on 127.0.0.1, at PORT; its process is PID, and its standard error is in LOG.
"""

import os
import socket
import struct
import time

PORT = int(os.environ.get("PORT", "0"))
PID = int(os.environ.get("PID", "0"))
SECONDS = 3


def connect():
    """Connects a client."""
    client = socket.create_connection(("127.0.0.1", PORT), SECONDS)
    client.settimeout(SECONDS)
    return client


def receive(client, length):
    """Receives that many bytes, or says what came instead."""
    received = b""
    try:
        while len(received) < length:
            part = client.recv(length - len(received))
            if not part:
                return f"EOF after {len(received)} bytes"
            received += part
    except TimeoutError:
        return f"nothing more after {len(received)} bytes"
    except ConnectionError:
        return f"a reset after {len(received)} bytes"
    return received


def echo(client, data=b"hello"):
    """Sends bytes, and says what comes back."""
    try:
        client.sendall(data)
    except OSError as error:
        return type(error).__name__
    received = receive(client, len(data))
    if received == data:
        return "echoed"
    return received if isinstance(received, str) else f"other bytes: {received[:20]}"


def at_end(client):
    """Says whether the server closes the connection, too."""
    try:
        return "EOF" if client.recv(1) == b"" else "a byte"
    except TimeoutError:
        return "no EOF"
    except ConnectionError:
        return "a reset"


def reset(client):
    """Ends a connection by a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def descriptors():
    """Counts the descriptors that the server has open."""
    return len(os.listdir(f"/proc/{PID}/fd"))


def children():
    """Lists the states of the server's children: S sleeps, Z is a zombie."""
    with open(f"/proc/{PID}/task/{PID}/children") as file:
        pids = file.read().split()
    return sorted(status(int(pid))["State"][0] for pid in pids)


def status(pid=0):
    """Reads /proc/PID/status."""
    with open(f"/proc/{pid or PID}/status") as file:
        return dict(line.rstrip().split(":\t", 1) for line in file if ":\t" in line)


def is_busy(seconds=1):
    """Says whether the server burns CPU time, while nobody asks for anything."""
    def used():
        with open(f"/proc/{PID}/stat") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    begun = used()
    time.sleep(seconds)
    return "busy" if used() - begun > seconds / 4 else "at rest"


def is_alive():
    """Says whether the server is alive."""
    try:
        return "alive" if not status()["State"].startswith("Z") else "dead"
    except OSError:
        return "dead"


def eventually(look, wanted):
    """Looks again for up to SECONDS, until it is as wanted. Returns what was seen last."""
    end = time.time() + SECONDS
    while (seen := look()) != wanted and time.time() < end:
        time.sleep(0.02)
    return seen
