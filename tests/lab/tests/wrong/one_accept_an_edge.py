# Wrong: the listener is edge-triggered, and one client is accepted for each edge: of clients that come together, all
# but one wait until another comes.
# Seen in: edge-triggered servers that drain their connections, and forget that a listener is drained likewise.
# Turns red: e10_crowd e11_out_of_descriptors

import select
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Server(echo.Server):
    listener_edge = select.EPOLLET


echo.main(Server)
