# Wrong: the error of one client's connection is not caught where that client is served: it ends the loop, and with
# it everybody.
# Seen in: servers whose only error handling is around their main; it takes one client that is killed.
# Turns red: e06_slow_readers e07_resets e08_comings_and_goings e10_crowd

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Server(echo.Server):
    def on_reset(self, number):
        raise


echo.main(Server)
