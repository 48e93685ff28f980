# Wrong: what came is taken for text that ends in a NUL, as `strlen` does.
# Seen in: echo servers in C that send `strlen(buffer)` bytes; the same in `%s`.
# Turns red: e01_bytes_come_back, and others that send more than letters

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Connection(echo.Connection):
    def flush(self):
        self.pending = self.pending.split(b"\0")[0]
        super().flush()


class Server(echo.Server):
    connection = Connection


echo.main(Server)
