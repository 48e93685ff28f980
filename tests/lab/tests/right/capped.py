"""An echo server on select: `python3 capped.py IP:PORT`. It is right, with the limit that select has: a client whose
descriptor does not fit into a set is turned away. All else is that of `echo.py`.
"""

import select
import sys

sys.dont_write_bytecode = True
import echo

FD_SETSIZE = 1024


class Selector:
    """What the server uses of epoll, made of select."""

    def __init__(self):
        self.interest = {}

    def register(self, source, interest):
        self.interest[number_of(source)] = interest

    modify = register

    def unregister(self, source):
        self.interest.pop(number_of(source), None)

    def poll(self, limit):
        waiting = lambda event: [number for number, interest in self.interest.items() if interest & event]
        readable, writable, _ = select.select(waiting(select.EPOLLIN), waiting(select.EPOLLOUT), [], limit)
        return [(number, select.EPOLLIN) for number in readable] + [(number, select.EPOLLOUT) for number in writable]


def number_of(source):
    return source if isinstance(source, int) else source.fileno()


class Server(echo.Server):
    selector = Selector

    def admit(self, stream):
        if self.fits(stream):
            super().admit(stream)
        else:
            self.say_once(f"turned away: descriptor {stream.fileno()} does not fit into a set")
            stream.close()

    def fits(self, stream):
        return stream.fileno() < FD_SETSIZE

    def drop(self, number):
        self.selector.unregister(number)
        super().drop(number)

    def finish(self):
        self.selector.unregister(self.listener)
        super().finish()


if __name__ == "__main__":
    echo.main(Server)
