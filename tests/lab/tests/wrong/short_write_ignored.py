# Wrong: what `send` did not take is thrown away. It takes all of a small message, so no small test notices.
# Seen in: teaching servers of every kind; proxies that lose the end of a large answer.
# Turns red: e04_half_close e05_writes_all_then_reads e06_slow_readers e13_late_reader

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Connection(echo.Connection):
    def read(self):
        self.pending = self.stream.recv(262_144)
        self.eof = not self.pending
        self.flush()

    def flush(self):
        self.stream.send(self.pending)
        self.pending = b""


class Server(echo.Server):
    connection = Connection


echo.main(Server)
