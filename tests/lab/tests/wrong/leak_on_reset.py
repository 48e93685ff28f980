# Wrong: a client that was reset is forgotten, but its socket is not closed.
# Seen in: error paths that return early; the server runs out of descriptors after some weeks.
# Turns red: e07_resets e08_comings_and_goings

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Server(echo.Server):
    forgotten = []

    def on_reset(self, number):
        self.selector.unregister(number)
        self.forgotten.append(self.connections.pop(number))


echo.main(Server)
