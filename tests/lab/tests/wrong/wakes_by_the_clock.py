# Wrong: it wakes every 50 ms to see whether there is something to do.
# Seen in: loops with a timeout "to be safe", or because a flag has to be looked at; a thousand of them keep a
# processor busy with nothing.
# Turns red: e03_silence

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Server(echo.Server):
    def time_limit(self):
        return 0.05


echo.main(Server)
