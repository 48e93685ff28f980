//! The loop: one thread, one epoll instance, and for an echo one call to receive and one to send.

use std::time::Duration;

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;
use nix::sys::epoll::{EpollEvent, EpollFlags};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use suite::Process;

use super::clock::{now, own_time};
use super::crowd::{Crowd, Heard};
use super::measured::{Latency, Measured};
use super::plan::Plan;
use super::turn::Turn;

/// The token of the timer: no client has this number.
const TIMER: u64 = u64::MAX;
/// The longest latency that can be recorded, in nanoseconds: an hour.
const LONGEST: u64 = 3_600_000_000_000;

/// Connected clients, which can be measured more than once.
#[derive(Debug)]
pub struct Load {
    plan: Plan,
    crowd: Crowd,
    /// Wakes an open loop. The timeout of epoll_wait(2) has steps of a millisecond.
    timer: TimerFd,
    /// Nanoseconds, collected without allocating.
    latencies: Histogram<u64>,
}

impl Load {
    /// Connects all clients, the idle ones first, and waits until each has been answered once.
    ///
    /// # Errors
    ///
    /// Fails if nothing listens, or if the server lets nobody in or answers nobody.
    pub fn connect(plan: Plan) -> anyhow::Result<Self> {
        let flags = TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK;
        let mut load = Self {
            crowd: Crowd::new()?,
            timer: TimerFd::new(ClockId::CLOCK_MONOTONIC, flags).context("cannot make a timer")?,
            // Three digits: within 0.1 %.
            latencies: Histogram::new_with_bounds(1, LONGEST, 3)?,
            plan,
        };
        let event = EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLET, TIMER);
        load.crowd.epoll.add(&load.timer, event)?;
        let Plan { idle, active, .. } = load.plan;
        load.crowd.grow(&load.plan, idle + active)?;
        ensure!(
            active == 0 || load.talking() > 0,
            "{} has turned away every client that should have talked",
            load.plan.address
        );
        Ok(load)
    }

    /// Measures the CPU time of `server` from now on.
    pub const fn watch(&mut self, server: Process) {
        self.plan.server = Some(server);
    }

    /// Returns how many idle clients there are.
    pub fn idle(&self) -> usize {
        self.crowd.alive(0..self.plan.idle)
    }

    /// Has the active clients talk for as long as the plan says, and waits for the last echoes. Gives up clients that
    /// were not answered.
    ///
    /// # Errors
    ///
    /// Returns the errors of epoll_wait(2) and timerfd_settime(2). Counts what the server does wrong.
    pub fn measure(&mut self) -> anyhow::Result<Measured> {
        let server_time = |plan: &Plan| plan.server.and_then(Process::family_processor_time);
        let before = server_time(&self.plan);
        let (idle, active) = (self.idle(), self.talking());
        self.latencies.reset();
        let own = own_time();
        let mut turn = Turn::new(&self.plan, now());
        self.begin(&mut turn);
        // A closed loop notices by itself when nothing is under way.
        while !turn.is_over(now()) && (turn.is_closed() || self.talking() > 0) {
            while let Some(place) = turn.pop_due(now()) {
                self.send(place, &mut turn, now());
            }
            self.sleep(&turn)?;
            for event in 0..self.crowd.ready {
                self.step(event, &mut turn);
            }
        }
        let load = Duration::from_nanos(own_time() - own);
        let seconds = Duration::from_nanos(turn.heard - turn.start).as_secs_f64();
        let after = server_time(&self.plan);
        self.give_up_unanswered();
        Ok(Measured {
            idle,
            active,
            echoes: turn.echoes,
            unanswered: turn.due - turn.echoes,
            lost: self.crowd.lost.clone(),
            seconds,
            latency: Latency::of(&self.latencies),
            server: (after.zip(before))
                .and_then(|(after, before)| after.checked_sub(before)) // a child may take its time with it
                .map(|spent| spent.as_secs_f64()),
            load: load.as_secs_f64(),
        })
    }

    /// Returns how many clients can talk.
    fn talking(&self) -> usize {
        let Plan { idle, active, .. } = self.plan;
        self.crowd.alive(idle..idle + active)
    }

    /// Has each client begin: in a closed loop it sends at once.
    fn begin(&mut self, turn: &mut Turn) {
        for place in 0..self.plan.active {
            if let Some(client) = &mut self.crowd.clients[self.plan.idle + place] {
                turn.begin(place, client);
                if turn.is_closed() {
                    self.send(place, turn, now());
                }
            }
        }
    }

    /// Has the talking client at `place` send a burst.
    fn send(&mut self, place: usize, turn: &mut Turn, now: u64) {
        let number = self.plan.idle + place;
        let Some(client) = &mut self.crowd.clients[number] else {
            return;
        };
        if turn.is_closed() {
            client.due = now;
        }
        turn.count_due(now);
        if let Err(loss) = client.send(turn.burst) {
            turn.forget(client);
            self.crowd.lost.add(loss);
            self.crowd.clients[number] = None;
        }
    }

    /// Sleeps until something happens, or a message is due.
    fn sleep(&mut self, turn: &Turn) -> anyhow::Result<()> {
        if let Some(due) = turn.next_due() {
            let due = Expiration::OneShot(TimeSpec::from_duration(Duration::from_nanos(due)));
            let set = self.timer.set(due, TimerSetTimeFlags::TFD_TIMER_ABSTIME);
            set.context("cannot set a timer")?;
        }
        self.crowd.wait(self.plan.patience)
    }

    /// Does what an event allows; in a closed loop a client that has been answered sends again.
    fn step(&mut self, event: usize, turn: &mut Turn) {
        match self.crowd.hear(event) {
            Heard::Nobody => {}
            Heard::Lost(number, client, loss) => {
                self.crowd.lost.add(loss);
                if number >= self.plan.idle {
                    turn.forget(&client);
                }
            }
            Heard::From(number, client) => {
                let now = now();
                turn.heard = now;
                if number >= self.plan.idle
                    && turn.record(client, now, &mut self.latencies)
                    && turn.is_closed()
                    && now < turn.end
                {
                    self.send(number - self.plan.idle, turn, now);
                }
            }
        }
    }

    /// Drops clients whose echoes did not come in time: those would arrive during the next measurement.
    fn give_up_unanswered(&mut self) {
        let Plan { idle, active, .. } = self.plan;
        for slot in &mut self.crowd.clients[idle..idle + active] {
            slot.take_if(|client| !client.is_answered());
        }
    }
}
