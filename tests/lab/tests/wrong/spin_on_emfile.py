# Wrong: `accept` fails for want of a descriptor, and the listener stays watched: it is ready at once, for ever.
# Seen in: most hand-written event loops; a server at its limit then takes a whole processor, and fills the disk
# with its log.
# Turns red: e11_out_of_descriptors

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


class Server(echo.Server):
    def on_shortage(self):
        self.say_once("cannot accept: clients have to wait")


echo.main(Server)
