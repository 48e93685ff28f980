# Wrong: on SIGTERM it closes its listener at once: clients that are connected and were not accepted yet are reset.
# Seen in: nearly every server that closes its listener first; a restart behind a load balancer then fails requests.
# Turns red: e13_in_the_queue

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Server(echo.Server):
    def empty_the_queue(self):
        pass


echo.main(Server)
