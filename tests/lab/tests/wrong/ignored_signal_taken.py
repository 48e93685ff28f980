# Wrong: it handles SIGINT though SIGINT was ignored when it started: Ctrl-C for a script ends what the script runs in
# the background, too.
# Seen in: programs that install their handlers without a look at what was there.
# Turns red: e13_ignored_signal

import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Server(echo.Server):
    def __init__(self, address):
        super().__init__(address)
        self.ends_by = [signal.SIGTERM, signal.SIGINT]


echo.main(Server)
