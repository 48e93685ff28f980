# Wrong: `select`, and no look at the descriptor's value: 1,024 and above do not fit. (Python raises; in C, FD_SET
# writes beyond the set.)
# Seen in: whatever was written with `select` and then met more than a thousand clients.
# Turns red: e10_crowd e10_ten_thousand_idle

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import capped
import echo


class Server(capped.Server):
    def fits(self, _stream):
        return True


echo.main(Server)
