"""An echo server that is right: `python3 echo.py IP:PORT`. It passes every case of `cargo lab check`.

Standard library only, one thread, epoll. The wrong servers next to it (`../wrong`) are this one with a single
thing changed, so that the difference is the fault.
"""

import contextlib
import fcntl
import os
import resource
import select
import signal
import socket
import struct
import sys
import termios
import time

BUFFER = 16_384  # bytes read at a time, and so the most that is kept for a client
GRACE = 2.0  # seconds that clients which do not read may hold up the end
QUEUE = 4096  # clients that may wait to be accepted
LOOK = 0.01  # seconds between two looks for connections on which nothing is under way
PAUSE = 0.1  # seconds for which the listener is left alone when descriptors are short


class Connection:
    """A client, and the bytes that it was sent but has not taken yet. While there are any, it is not read:
    that holds it back, and bounds the memory that it costs."""

    def __init__(self, stream):
        stream.setblocking(False)
        self.stream = stream
        self.pending = b""
        self.eof = False

    def interest(self):
        """What to wait for; 0 once it is finished."""
        if self.pending:
            return select.EPOLLOUT
        return 0 if self.eof else select.EPOLLIN

    def on_ready(self, _events):
        """One step of what it waits for."""
        if self.pending:
            self.flush()
        else:
            self.read()

    def read(self):
        received = self.stream.recv(BUFFER)
        if not received:
            self.eof = True
            return
        self.pending = received
        self.flush()

    def flush(self):
        """Sends what can be sent; a short write leaves the rest."""
        try:
            sent = self.stream.send(self.pending)
        except BlockingIOError:
            return
        self.pending = self.pending[sent:]

    def is_quiet(self):
        """Whether nothing is under way in either direction."""
        return not (self.pending or self.has_unread_bytes() or self.unacknowledged())

    def has_unread_bytes(self):
        """(FIONREAD counts up to the urgent mark only.)"""
        try:
            return self.stream.recv(1, socket.MSG_PEEK) != b""
        except OSError:
            return False

    def unacknowledged(self):
        return struct.unpack("i", fcntl.ioctl(self.stream, termios.TIOCOUTQ, bytes(4)))[0]

    def close(self):
        self.stream.close()


class Server:
    """The loop. What a wrong server does otherwise, it overrides."""

    connection = Connection
    selector = select.epoll
    reuse_address = True
    listener_edge = 0  # select.EPOLLET, for a listener that tells of its clients once

    def __init__(self, address):
        ip, port = address.rsplit(":", 1)
        self.listener = socket.socket()
        if self.reuse_address:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((ip, int(port)))
        self.listener.listen(QUEUE)
        self.listener.setblocking(False)
        self.selector = self.selector()
        self.signals, self.wakeup = socket.socketpair()
        self.signals.setblocking(False)
        self.wakeup.setblocking(False)
        self.connections = {}
        self.listening = False
        self.resume_at = None
        self.drained_at = None
        both = (signal.SIGTERM, signal.SIGINT)
        # One that was ignored at the start, as by a shell for a program in the background, stays ignored.
        self.ends_by = [number for number in both if signal.getsignal(number) != signal.SIG_IGN]

    def run(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(OSError, ValueError):  # then fewer clients fit
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        signal.set_wakeup_fd(self.wakeup.fileno())
        for number in self.ends_by:
            signal.signal(number, lambda *_: None)
        self.selector.register(self.signals, select.EPOLLIN)
        self.listen()
        print("listening on {}:{}".format(*self.listener.getsockname()), flush=True)
        while not self.is_over():
            for number, events in self.selector.poll(self.time_limit()):
                self.handle(number, events)
            self.after_events()

    def handle(self, number, events):
        if number == self.signals.fileno():
            self.finish()
        elif number == self.listener.fileno():
            self.accept()
        elif number in self.connections:
            self.serve(number, events)

    def after_events(self):
        if self.resume_at and time.monotonic() >= self.resume_at:
            self.listen()
        if self.drained_at:
            for number, connection in list(self.connections.items()):
                if connection.is_quiet():
                    self.drop(number)

    def listen(self):
        self.resume_at = None
        if not self.listening and self.drained_at is None:
            self.selector.register(self.listener, select.EPOLLIN | self.listener_edge)
            self.listening = True

    def accept(self):
        """Lets in one client; returns whether more may wait."""
        try:
            stream, _ = self.listener.accept()
        except BlockingIOError:
            return False
        except OSError:  # that one is gone, or descriptors are short: the next accept may fail as well
            self.on_shortage()
            return False
        self.admit(stream)
        return True

    def admit(self, stream):
        connection = self.connection(stream)
        self.connections[stream.fileno()] = connection
        self.selector.register(stream, connection.interest())

    def on_shortage(self):
        """No descriptor is left: whoever waits is asked in later, and not in a loop."""
        if self.listening:
            self.selector.unregister(self.listener)
            self.listening = False
            self.say_once("cannot accept: clients have to wait")
        self.resume_at = time.monotonic() + PAUSE

    said = False

    def say_once(self, line):
        """Says it if standard error takes it at once: a reader that is slow, or gone, is no reason to stop."""
        if not self.said and select.select([], [sys.stderr], [], 0)[1]:
            with contextlib.suppress(OSError):
                os.write(sys.stderr.fileno(), line.encode() + b"\n")
        self.said = True

    def serve(self, number, events):
        connection = self.connections[number]
        before = connection.interest()
        try:
            connection.on_ready(events)
        except BlockingIOError:
            pass  # readiness is a hint
        except OSError:
            return self.on_reset(number)  # this client is gone, and nobody else
        after = connection.interest()
        if not after:
            self.drop(number)
        elif after != before:
            self.selector.modify(number, after)

    def on_reset(self, number):
        self.drop(number)

    def drop(self, number):
        """Closing it takes it off the list."""
        self.connections.pop(number).close()
        if self.resume_at:
            self.listen()

    def finish(self):
        """Lets in those that wait and nobody else, and serves on until nothing is under way; the next signal
        ends it."""
        self.signals.recv(64)
        for number in self.ends_by:
            signal.signal(number, signal.SIG_DFL)
        self.empty_the_queue()
        self.drained_at = time.monotonic() + GRACE
        self.resume_at = None
        self.listener.close()

    def empty_the_queue(self):
        """Closing the listener resets whoever is left in its queue."""
        for _ in range(QUEUE):
            if not self.accept():
                break

    def is_over(self):
        return self.drained_at and (not self.connections or time.monotonic() >= self.drained_at)

    def time_limit(self):
        """How long it may sleep: for ever, unless there is something to look for. (None is for ever.)"""
        if self.drained_at:
            return LOOK
        return max(0, self.resume_at - time.monotonic()) if self.resume_at else None


def main(server=Server):
    server(sys.argv[1]).run()


if __name__ == "__main__":
    main()
