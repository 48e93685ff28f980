//! Scenarios from a seed.

mod steps;

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

    fn any(&mut self) -> &'static str {
        let known = self.known.clone();
        self.one(&known).0
    }
}
