# Wrong: it goes on reading from a client that does not read, and keeps all of it: one client can have all the memory.
# Seen in: evented servers that write through a library's buffer and never ask how full it is.
# Turns red: e05_writes_all_then_reads e06_slow_readers

import select
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Connection(echo.Connection):
    def __init__(self, stream):
        super().__init__(stream)
        self.pending = bytearray()

    def interest(self):
        if self.eof:
            return select.EPOLLOUT if self.pending else 0
        return select.EPOLLIN | (select.EPOLLOUT if self.pending else 0)

    def on_ready(self, events):
        if events & select.EPOLLIN:
            received = self.stream.recv(echo.BUFFER)
            self.eof = not received
            self.pending += received
        self.flush()

    def flush(self):
        try:
            sent = self.stream.send(memoryview(self.pending)[: echo.BUFFER]) if self.pending else 0
        except BlockingIOError:
            return
        del self.pending[:sent]


class Server(echo.Server):
    connection = Connection


echo.main(Server)
