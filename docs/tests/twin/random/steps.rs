//! The steps of a scenario that grows: what the program does, and the other ends.

use super::{Kind, Scenario};

impl Scenario {
    pub(super) fn control(&mut self) {
        let op = self.one(&["add", "add", "add", "add", "mod", "mod", "del"]);
        let ep = self.one(&["E", "E", "F"]);
        let name = self.any();
        if op == "del" {
            return self.say(format!("del {ep} {name}"));
        }
        let events = self.one(&[
            "in",
            "in",
            "in",
            "out",
            "in out",
            "in rdhup",
            "in out rdhup",
            "",
        ]);
        let flags = self.one(&[
            "",
            "",
            "",
            "et",
            "et",
            "oneshot",
            "et oneshot",
            "exclusive",
            "et exclusive",
        ]);
        let step = format!("{op} {ep} {name} {events} {flags}");
        self.say(step.split_whitespace().collect::<Vec<_>>().join(" "));
    }

    pub(super) fn wait(&mut self) {
        let (ep, room) = (self.one(&["E", "E", "F"]), self.one(&[1, 1, 2, 3, 8]));
        self.say(format!("wait {ep} {room}"));
    }

    /// A process waits. One at most for each epoll: which of two that are woken at once comes first is not determined.
    pub(super) fn sleep(&mut self) {
        match self.below(4) {
            0 => {
                let room = self.one(&[1, 2, 8]);
                self.say(format!("T: wait E {room}"));
            }
            1 => {
                let room = self.one(&[1, 2, 8]);
                self.say(format!("U: wait F {room}"));
            }
            2 => {
                // Not about an epoll: those that sleep in the epoll would be woken with it.
                let question = self.question(&[]);
                self.say(format!("V: {question}"));
            }
            _ => {
                let process = self.one(&["T", "U", "V"]);
                self.say(format!("signal {process}"));
            }
        }
    }

    pub(super) fn scan(&mut self) {
        let question = self.question(&["E"]);
        self.say(question);
    }

    /// A call of poll or select about some of the descriptors.
    fn question(&mut self, also: &[&'static str]) -> String {
        let names = self.known.iter().map(|(name, _)| *name);
        let names: Vec<_> = names.chain(also.iter().copied()).collect();
        let mut asked = vec![self.one(&names), self.one(&names), self.one(&names)];
        asked.sort_unstable();
        asked.dedup();
        if self.below(2) == 0 {
            let entries: Vec<_> = asked
                .iter()
                .map(|name| format!("{name}:{}", self.one(&["in", "out", "in,out", "rdhup", ""])))
                .collect();
            return format!("poll {}", entries.join(" "));
        }
        let half = asked.len().div_ceil(2);
        match self.below(3) {
            0 => format!("select r:{}", asked.join(",")),
            1 => format!("select w:{}", asked.join(",")),
            _ => format!(
                "select r:{} w:{}",
                asked[..half].join(","),
                asked[half - 1..].join(",")
            ),
        }
    }

    /// A descriptor is closed. No poll is asleep then: closing what somebody sleeps on is not modelled.
    pub(super) fn end_a_descriptor(&mut self) {
        if self.known.iter().any(|(_, kind)| *kind == Kind::Tcp) {
            // What is sent to a socket that is gone comes back as a reset, which is not modelled. And a name may lead to the
            // number of another descriptor by now.
            return;
        }
        let name = self.any();
        self.say("signal V".to_owned());
        self.say(format!("close {name}"));
        if self.below(3) == 0 {
            // Its number is free, and so is its name after a while; until then the name leads to a number of the past.
            self.known.retain(|(known, _)| *known != name);
        }
    }

    /// The program, or somebody at the other end, does something.
    pub(super) fn act(&mut self) {
        if self.known.is_empty() {
            return;
        }
        let known = self.known.clone();
        let (name, kind) = self.one(&known);
        let n = self.one(&[1, 1, 2, 3, 5]);
        let step = match kind {
            Kind::Socket => match self.below(24) {
                0..9 => format!("send {name} {n}"),
                9..15 => format!("read {name} {n}"),
                15..19 => format!("write {name} {n}"),
                19..22 => format!("take {name} {n}"),
                22 => format!("{} {name}", self.one(&["end", "shut"])),
                _ => format!("{} {name}", self.one(&["leave", "end"])),
            },
            Kind::Tcp => match self.below(16) {
                0..6 => format!("send {name} {n}"),
                6..10 => format!("read {name} {n}"),
                10 => format!("write {name} {n}"),
                11 => format!("take {name} {n}"),
                12 => format!("reset {name}"),
                _ => format!("{} {name}", self.one(&["end", "shut"])),
            },
            Kind::Reader => format!("read {name} {n}"),
            Kind::Writer => format!("write {name} {n}"),
            Kind::Counter => format!("{} {name} {n}", self.one(&["write", "write", "read"])),
            Kind::Listener => return self.meet(name),
        };
        self.say(step);
    }

    /// A client comes to a listener, or is accepted.
    fn meet(&mut self, name: &'static str) {
        let free = self.free();
        if free.is_empty() || self.below(3) > 0 {
            self.clients += 1;
            let client = self.clients;
            self.say(format!("connect {name} N{client}"));
            if self.below(3) == 0 {
                let step = self.one(&["send", "leave", "end"]);
                let n = if step == "send" { " 2" } else { "" };
                self.say(format!("{step} N{client}{n}"));
            }
        } else {
            self.learn(format!("accept {name} {}", free[0]), free[0], Kind::Socket);
        }
    }
}
