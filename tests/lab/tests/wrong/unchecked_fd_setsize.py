# Wrong: `select`, and no look at the descriptor's value: 1,024 and above do not fit. (Python raises; in C, FD_SET
# writes beyond the set.)
# Seen in: whatever was written with `select` and then met more than a thousand clients.
# Turns red: e10_crowd e10_ten_thousand_idle

import select
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../right")
import echo


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
    def __init__(self, address):
        super().__init__(address)
        self.selector = Selector()

    def drop(self, number):
        self.selector.unregister(number)
        super().drop(number)

    def finish(self):
        self.selector.unregister(self.listener)
        super().finish()


echo.main(Server)
