//! What happens to the page and the machine: hiding, freezing, suspension, clocks that are set, lost
//! networks, crashes.

use protocol::Recovery;

use crate::driver::index;
use crate::event_queue::SimEvent;
use crate::page::Page;
use crate::sim_rng::SimRng;
use crate::task::Operation;
use crate::world::{World, trace};

/// Something that happens to the page or the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EnvironmentEvent {
    /// The page is hidden; in the end for long.
    Hide(u8),
    /// The page is visible again.
    Show,
    /// The page comes back from the back/forward cache.
    PageShow,
    /// The machine is suspended; its monotonic clock may stand still.
    Sleep {
        span: u64,
        stands: bool,
    },
    /// The page alone is frozen.
    Freeze {
        span: u64,
    },
    /// The wall clock is set by so many milliseconds.
    SetWall(i64),
    /// The network is lost, or returns.
    Offline,
    Online,
    /// All requests begin to fail, or end to.
    Outage(bool),
    /// The page crashes, and everything that runs in it.
    Crash,
    /// The process of the server half dies, and another begins.
    Restart,
    /// Somebody else logs in, or the first one again.
    Login(u32),
}

impl World {
    /// Draws what will happen within `span`.
    pub(crate) fn draw_environment(&mut self, count: u64, span: u64) {
        let served = self.clients.iter().any(|client| client.recovery == Some(Recovery::Server));
        for _ in 0..count {
            let soon = if self.rng.one_in(4) { 100 } else { span };
            let at = self.clock.time + self.rng.within(0, soon);
            let event = match self.rng.within(0, 5) {
                0 if served => EnvironmentEvent::Restart,
                1 if served && self.rng.one_in(4) => EnvironmentEvent::Login(1),
                _ => draw(&mut self.rng),
            };
            self.schedule_environment(at, event);
            let later = at + self.rng.span(50, 14);
            match event {
                EnvironmentEvent::Hide(_) => {
                    if later > at + 300_000 {
                        self.schedule_environment(at + 300_000, EnvironmentEvent::Hide(2));
                    }
                    self.schedule_environment(later, EnvironmentEvent::Show);
                }
                EnvironmentEvent::Offline => self.schedule_environment(later, EnvironmentEvent::Online),
                EnvironmentEvent::Outage(true) => self.schedule_environment(later, EnvironmentEvent::Outage(false)),
                EnvironmentEvent::Login(_) => self.schedule_environment(later, EnvironmentEvent::Login(0)),
                _ => {}
            }
        }
    }

    fn schedule_environment(&mut self, at: u64, event: EnvironmentEvent) {
        self.environment_events.push(event);
        self.event_queue.schedule(at, SimEvent::Environment(index(self.environment_events.len() - 1)));
    }

    /// It happens.
    pub(crate) fn environment_event(&mut self, event_index: usize) {
        let event = self.environment_events[event_index];
        if self.clock.is_frozen() {
            self.event_queue.schedule(self.clock.frozen_until, SimEvent::Environment(index(event_index)));
            return;
        }
        trace!(self, None, "{event:?}");
        match event {
            EnvironmentEvent::Hide(level) => {
                if level == 1 || self.page.hidden == 1 {
                    self.page.hidden = level;
                    self.check_environment(if level == 1 { 3_000 } else { 130_000 });
                }
            }
            EnvironmentEvent::Show => {
                self.page.hidden = 0;
                self.release_timers();
                self.wake_all(false);
            }
            EnvironmentEvent::PageShow => self.wake_all(false),
            EnvironmentEvent::Sleep { span, stands } => {
                self.check_environment(0);
                self.clock.freeze(span, stands);
                self.cut_connections();
                if self.rng.one_in(2) {
                    let event =
                        self.rng.pick(&[EnvironmentEvent::Show, EnvironmentEvent::Online, EnvironmentEvent::PageShow]);
                    self.schedule_environment(self.clock.frozen_until + 1, event);
                }
            }
            EnvironmentEvent::Freeze { span } => {
                self.check_environment(0);
                self.clock.freeze(span, false);
                if self.rng.one_in(2) {
                    self.schedule_environment(self.clock.frozen_until, EnvironmentEvent::PageShow);
                }
            }
            EnvironmentEvent::SetWall(by) => {
                self.check_environment(0);
                self.clock.set_wall(by);
            }
            EnvironmentEvent::Offline => self.page.offline = true,
            EnvironmentEvent::Online => {
                self.page.offline = false;
                self.wake_all(true);
            }
            EnvironmentEvent::Outage(begins) => self.fault_profile.set_outage(begins, &mut self.rng),
            EnvironmentEvent::Crash => self.crash(),
            EnvironmentEvent::Restart => self.restart_server(),
            EnvironmentEvent::Login(user) => self.server.user = user,
        }
    }

    /// Wakes every call that waits, unless the page is hidden.
    fn wake_all(&mut self, online: bool) {
        if self.page.hidden == 0 {
            self.wake_sleepers(online);
        }
    }

    /// Wakes every call that waits.
    pub(crate) fn wake_sleepers(&mut self, online: bool) {
        let sleepers: Vec<(usize, u32)> = (self.tasks.iter().enumerate())
            .filter(|(_, task)| task.operation == Operation::Waiting)
            .map(|(task_index, task)| (task_index, task.epoch))
            .collect();
        let waiting = sleepers.len();
        for (task_index, epoch) in sleepers {
            if self.tasks[task_index].epoch == epoch {
                self.advance(task_index, protocol::Event::PageWoke { online, waiting });
            }
        }
    }

    /// The page crashes. Later another is loaded, which resumes what was stored.
    fn crash(&mut self) {
        for task_index in 0..self.tasks.len() {
            let task = &mut self.tasks[task_index];
            task.epoch += 1;
            task.timer_id += 1;
            task.timer_due = None;
            task.operation = Operation::None;
            task.has_request_permit = false;
            task.has_client_permit = false;
            if task.machine.take().is_some() {
                self.after_crash(task_index);
            }
        }
        self.clock.reload();
        self.page = Page::new(self.page.requests.capacity);
        self.poll_records.clear();
        self.ready.clear();
        for client in &mut self.clients {
            client.permits =
                client.permits.as_ref().map(|permits| crate::fifo_checker::FifoChecker::new(permits.capacity));
        }
    }
}

fn draw(rng: &mut SimRng) -> EnvironmentEvent {
    match rng.within(0, 13) {
        0..=2 => EnvironmentEvent::Hide(1),
        3 => EnvironmentEvent::PageShow,
        4 | 5 => EnvironmentEvent::Sleep { span: rng.span(1_000, 13), stands: rng.one_in(2) },
        6 => EnvironmentEvent::Freeze { span: rng.span(200, 13) },
        7 => {
            let by = i64::try_from(rng.span(500, 16)).unwrap_or_default();
            EnvironmentEvent::SetWall(if rng.one_in(2) { by } else { -by })
        }
        8 | 9 => EnvironmentEvent::Offline,
        10 => EnvironmentEvent::Online,
        11 => EnvironmentEvent::Outage(true),
        _ => EnvironmentEvent::Crash,
    }
}
