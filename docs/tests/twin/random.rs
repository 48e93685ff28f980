//! Scenarios from a seed.

/// What a name stands for, so that most steps make sense.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Socket,
    Tcp,
    Reader,
    Writer,
    Counter,
    Listener,
}

/// A scenario that grows.
struct Scenario {
    random: u64,
    steps: Vec<String>,
    /// The names of descriptors, in the order in which they were made.
    known: Vec<(&'static str, Kind)>,
    clients: usize,
}

/// The names of a scenario's six descriptors, besides two epolls.
const NAMES: [&str; 6] = ["A", "B", "C", "D", "G", "H"];
const MOST_STEPS: u64 = 40;

/// Returns the steps that belong to a seed: at most 40.
pub(crate) fn scenario(seed: u64) -> Vec<String> {
    let random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    let mut scenario = Scenario {
        random,
        steps: vec!["epoll E".to_owned(), "epoll F".to_owned()],
        known: Vec::new(),
        clients: 0,
    };
    let steps = 10 + scenario.below(MOST_STEPS - 9);
    while (scenario.steps.len() as u64) < steps {
        scenario.grow();
    }
    scenario.steps.truncate(MOST_STEPS as usize);
    scenario.steps
}

impl Scenario {
    /// Returns a number below `end`: splitmix64.
    fn below(&mut self, end: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    fn say(&mut self, step: String) {
        self.steps.push(step);
    }

    fn free(&self) -> Vec<&'static str> {
        let is_free = |name: &&&str| !self.known.iter().any(|(known, _)| *known == **name);
        NAMES.iter().filter(is_free).copied().collect()
    }

    fn grow(&mut self) {
        let free = self.free();
        let few = self.known.len() < 3;
        if !free.is_empty() && (few || self.below(8) == 0) {
            return self.make(&free);
        }
        match self.below(32) {
            0..8 => self.control(),
            8..14 => self.wait(),
            14..17 => self.sleep(),
            17..20 => self.scan(),
            20 => {
                let ep = self.one(&["E", "F"]);
                self.say(format!("list {ep}"));
            }
            21 => self.end_a_descriptor(),
            _ => self.act(),
        }
    }

    fn make(&mut self, free: &[&'static str]) {
        let name = free[0];
        let other = free.get(1).copied();
        match (self.below(10), other) {
            (0..4, _) => self.learn(format!("pair {name}"), name, Kind::Socket),
            (4, _) => self.learn(format!("tcp {name}"), name, Kind::Tcp),
            (5 | 6, Some(writer)) => {
                self.learn(format!("pipe {name} {writer}"), name, Kind::Reader);
                self.known.push((writer, Kind::Writer));
            }
            (7, _) => {
                let backlog = self.below(3);
                self.learn(format!("listen {name} {backlog}"), name, Kind::Listener);
            }
            (8, _) if !self.known.is_empty() => {
                let known = self.known.clone();
                let (original, kind) = self.one(&known);
                self.learn(format!("dup {original} {name}"), name, kind);
            }
            _ => self.learn(format!("eventfd {name}"), name, Kind::Counter),
        }
    }

    fn learn(&mut self, step: String, name: &'static str, kind: Kind) {
        self.say(step);
        self.known.push((name, kind));
    }

    fn control(&mut self) {
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

    fn any(&mut self) -> &'static str {
        let known = self.known.clone();
        self.one(&known).0
    }

    fn wait(&mut self) {
        let (ep, room) = (self.one(&["E", "E", "F"]), self.one(&[1, 1, 2, 3, 8]));
        self.say(format!("wait {ep} {room}"));
    }

    /// A process waits. One at most for each epoll: which of two that are woken at once comes first is not determined.
    fn sleep(&mut self) {
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

    fn scan(&mut self) {
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
    fn end_a_descriptor(&mut self) {
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
    fn act(&mut self) {
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
            Kind::Tcp => match self.below(12) {
                0..6 => format!("send {name} {n}"),
                6..10 => format!("read {name} {n}"),
                _ => format!("{} {name}", self.one(&["end", "shut", "end"])),
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
