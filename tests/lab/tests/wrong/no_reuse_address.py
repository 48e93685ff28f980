# Wrong: it binds without SO_REUSEADDR: for a minute after its end, its port is taken by its old connections.
# Seen in: first servers; the restart that "needs a moment".
# Turns red: e14_restart

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Server(echo.Server):
    reuse_address = False


echo.main(Server)
