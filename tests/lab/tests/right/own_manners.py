"""An echo server that is right, with manners of its own when it ends: `python3 own_manners.py IP:PORT`. After SIGTERM it
echoes what had arrived by then, and throws away what comes later; the second signal makes it exit with 130. All else is
that of `echo.py`.
"""

import os
import signal
import sys

sys.dont_write_bytecode = True
import echo


class Connection(echo.Connection):
    done = False  # the signal has come, and all that had arrived by then was read

    def read(self):
        if self.done:
            self.eof = not self.stream.recv(echo.BUFFER)
        else:
            super().read()


class Server(echo.Server):
    connection = Connection

    def finish(self):
        super().finish()
        for connection in self.connections.values():
            connection.done = not connection.has_unread_bytes()

    def empty_the_queue(self):
        # Before the listener is closed: whoever sees that it is may send the second signal.
        for number in self.ends_by:
            signal.signal(number, lambda *_: os._exit(130))
        super().empty_the_queue()


if __name__ == "__main__":
    echo.main(Server)
