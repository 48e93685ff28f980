# Wrong: the sockets block, and the loop writes until all is written: a client that does not read stops the server
# for everybody.
# Seen in: loops over `select` with sockets that nobody made non-blocking; libraries whose send is a loop.
# Turns red: e06_slow_readers, and others with a client that does not read

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Connection(echo.Connection):
    def flush(self):
        self.stream.setblocking(True)
        self.stream.sendall(self.pending)
        self.stream.setblocking(False)
        self.pending = b""


class Server(echo.Server):
    connection = Connection


echo.main(Server)
