# Wrong: on SIGTERM it closes everything at once: what clients had sent, and what they were owed, is gone.
# Seen in: servers that take a clean exit code for a clean end.
# Turns red: e13_sigterm e13_sigint e13_late_reader e13_still_talking

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Server(echo.Server):
    def is_over(self):
        return self.drained_at is not None


echo.main(Server)
