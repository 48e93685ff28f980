# Wrong: EPOLLRDHUP is taken for the end of the connection, which it is of one half only: what the client is owed
# is thrown away with it, and what it sent before its FIN is not even read.
# Seen in: event loops that test `EPOLLHUP | EPOLLRDHUP | EPOLLERR` in one line, before all else.
# Turns red: e04_half_close

import select
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Connection(echo.Connection):
    def interest(self):
        interest = super().interest()
        return interest and interest | select.EPOLLRDHUP

    def on_ready(self, events):
        if events & select.EPOLLRDHUP:
            self.pending = b""
            self.eof = True
        else:
            super().on_ready(events)


class Server(echo.Server):
    connection = Connection


echo.main(Server)
