"""What the scripts of the tickets use. They run with Python 3, and need nothing else.

The server under suspicion listens on 127.0.0.1, at PORT; its process is PID, and its standard error is in LOG.
"""

import os
import socket
import struct
import time

PORT = int(os.environ.get("PORT", "0"))
PID = int(os.environ.get("PID", "0"))
SECONDS = float(os.environ.get("SECONDS", "4"))  # longer on a busy machine


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
    states = []
    for pid in pids:
        try:
            states.append(status(int(pid))["State"][0])
        except (FileNotFoundError, ProcessLookupError):
            pass  # it was reaped meanwhile
    return sorted(states)


def status(pid=0):
    """Reads /proc/PID/status."""
    with open(f"/proc/{pid or PID}/status") as file:
        return {name: value.strip() for name, _, value in (line.partition(":\t") for line in file)}


def is_busy():
    """Says whether the server runs all the time, while nobody asks for anything. One that waits for a CPU core runs, too."""
    looks = [status()["State"][0] for _ in range(100) if not time.sleep(0.005)]
    return "busy" if looks.count("R") > 50 else "at rest"


def exit_code():
    """Returns what the server ended with, as wait(2) will report it: the number of the signal, if one killed it."""
    with open(f"/proc/{PID}/stat") as file:
        return int(file.read().split()[-1])


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


def connect_http():
    """Connects a client to stage 8's files."""
    client = socket.create_connection(("127.0.0.1", int(os.environ["HTTP"])), SECONDS)
    client.settimeout(SECONDS)
    return client


def get(path, *fields):
    """Asks for a file. Returns the head as a dictionary, and the body."""
    client = connect_http()
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close", *fields, "", ""]
    client.sendall("\r\n".join(lines).encode())
    answer = b""
    while part := client.recv(65536):
        answer += part
    client.close()
    head, body = answer.split(b"\r\n\r\n", 1)
    first, *fields = head.decode().split("\r\n")
    named = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
    return {"status": first.split()[1], **named}, body
