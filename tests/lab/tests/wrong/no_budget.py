# Wrong: a client is served until it has nothing more, however long that takes: who streams keeps the loop to
# himself.
# Seen in: edge-triggered servers, whose drain is a `while True`; the loop around `read` in many others.
# Turns red: e15_flood, and those with a client that does not read, for which this one waits, too

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Connection(echo.Connection):
    def on_ready(self, _events):
        while received := self.stream.recv(512):
            self.stream.setblocking(True)
            self.stream.sendall(received)
            self.stream.setblocking(False)
        self.eof = True


class Server(echo.Server):
    connection = Connection


echo.main(Server)
