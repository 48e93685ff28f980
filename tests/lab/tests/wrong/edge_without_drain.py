# Wrong: edge-triggered, and one `recv` an edge: what it leaves in the socket is told of no more.
# Seen in: loops that were changed to EPOLLET because it is said to be faster, and in nothing else.
# Turns red: e01_bytes_come_back, and others in which more comes at once than it reads at a time

import select
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Connection(echo.Connection):
    def interest(self):
        return 0 if self.eof and not self.pending else select.EPOLLIN | select.EPOLLOUT | select.EPOLLET


class Server(echo.Server):
    connection = Connection


echo.main(Server)
