# Wrong: it asks FIONREAD whether a client has sent something that is not read yet, and FIONREAD counts up to the
# urgent mark only: at the end, what is behind the mark is lost.
# Seen in: drains that count unread bytes; stages 4 to 8 of this course, for a while.
# Turns red: e13_urgent_mark

import fcntl
import struct
import sys
import termios

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Connection(echo.Connection):
    def has_unread_bytes(self):
        return struct.unpack("i", fcntl.ioctl(self.stream, termios.FIONREAD, bytes(4)))[0] > 0


class Server(echo.Server):
    connection = Connection


echo.main(Server)
