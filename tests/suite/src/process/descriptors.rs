//! What a process has open (proc_pid_fd(5), proc_pid_fdinfo(5)).

use std::fs;
use std::io::ErrorKind;
use std::time::Duration;

use super::Process;

impl Process {
    /// The targets of its open descriptors, by number: `socket:[1234]`, for one.
    pub fn descriptors(self) -> Vec<(i32, String)> {
        let entries = self.folder("fd").into_iter();
        entries
            .filter_map(|entry| {
                let number = entry.file_name().to_str()?.parse().ok()?;
                let target = match fs::read_link(entry.path()) {
                    // It was closed after the list was made.
                    Err(error) if error.kind() == ErrorKind::NotFound => return None,
                    target => self.seen(&format!("fd/{number}"), target)?,
                };
                Some((number, target.to_string_lossy().into_owned()))
            })
            .collect()
    }

    /// How many descriptors it has open.
    pub fn descriptor_count(self) -> usize {
        self.folder("fd").len()
    }

    /// Returns the descriptors of it that are sockets.
    pub fn sockets(self) -> Vec<i32> {
        let descriptors = self.descriptors().into_iter();
        let sockets = descriptors.filter(|(_, target)| target.starts_with("socket:"));
        sockets.map(|(number, _)| number).collect()
    }

    /// Returns the status flags of one of its descriptors, `O_NONBLOCK` among them (open(2)).
    pub fn status_flags(self, number: i32) -> Option<i32> {
        let info = self.descriptor_info(number);
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
        i32::from_str_radix(flags.trim(), 8).ok()
    }

    /// Returns how long each of its timers has left until it goes off (timerfd_create(2)); zero if it is not set.
    pub fn timers(self) -> Vec<Duration> {
        let timers = self.descriptors().into_iter();
        let timers = timers.filter(|(_, target)| target == "anon_inode:[timerfd]");
        timers
            .map(|(number, _)| {
                let info = self.descriptor_info(number);
                let left = time_left(&info);
                left.unwrap_or_else(|| panic!("the kernel says nothing of a timer: {info}"))
            })
            .collect()
    }

    /// The entries of its epoll interest lists: `tfd: 5 events: 19 data: 1 …`, for one.
    pub fn interest_list(self) -> Vec<String> {
        let is_epoll = |(_, target): &(i32, String)| target == "anon_inode:[eventpoll]";
        let epolls = self.descriptors().into_iter().filter(is_epoll);
        epolls
            .flat_map(|(number, _)| self.interests(number))
            .collect()
    }

    /// Returns the entries of the interest list of one epoll, by its descriptor (proc_pid_fdinfo(5)).
    pub fn interests(self, epoll: i32) -> Vec<String> {
        let info = self.descriptor_info(epoll);
        let entries = info.lines().filter(|line| line.starts_with("tfd:"));
        entries.map(str::to_owned).collect()
    }

    /// Returns what the kernel says of a descriptor; nothing if it was closed meanwhile.
    fn descriptor_info(self, number: i32) -> String {
        let file = format!("fdinfo/{number}");
        match fs::read_to_string(self.path(&file)) {
            Err(_) if fs::read_link(self.path(&format!("fd/{number}"))).is_err() => String::new(),
            info => self.seen(&file, info).unwrap_or_default(),
        }
    }
}

/// Returns the time that a timer has left: `it_value: (SECONDS, NANOSECONDS)`.
fn time_left(info: &str) -> Option<Duration> {
    let mut lines = info.lines();
    let value = lines.find_map(|line| line.strip_prefix("it_value: (")?.strip_suffix(')'));
    let (seconds, nanoseconds) = value?.split_once(", ")?;
    let (seconds, nanoseconds) = (seconds.parse().ok()?, nanoseconds.parse().ok()?);
    Some(Duration::new(seconds, nanoseconds))
}
