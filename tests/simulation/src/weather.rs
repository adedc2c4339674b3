//! What befalls the page and the machine: hiding, freezing, sleep, clocks set, networks lost,
//! crashes.

use protocol::options::Recovery;

use crate::agenda::What;
use crate::chance::Chance;
use crate::driver::index;
use crate::page::Page;
use crate::task::Doing;
use crate::world::{World, tell};

/// More sleepers than this are spread out when they are woken, as in `src/wake.rs`.
const FEW: usize = 4;

/// Something that befalls the page or the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gust {
    /// The page is hidden; in the end for long.
    Hide(u8),
    /// The page is visible again.
    Show,
    /// The page comes back from the back/forward cache.
    PageShow,
    /// The machine sleeps; the steady clock may stand still.
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
    /// The network goes, or comes.
    Offline,
    Online,
    /// All requests begin to fail, or end to.
    Outage(bool),
    /// The page is gone, and what ran in it.
    Crash,
    /// The process of the server half dies, and another begins.
    Restart,
    /// Somebody else logs in, or the first one again.
    Login(u32),
}

impl World {
    /// Draws what will happen within `span`.
    pub(crate) fn draw_weather(&mut self, count: u64, span: u64) {
        let served = self.clients.iter().any(|client| client.recovery == Some(Recovery::Server));
        for _ in 0..count {
            let soon = if self.chance.one_in(4) { 100 } else { span };
            let at = self.clock.time + self.chance.within(0, soon);
            let gust = match self.chance.within(0, 5) {
                0 if served => Gust::Restart,
                1 if served && self.chance.one_in(4) => Gust::Login(1),
                _ => draw(&mut self.chance),
            };
            self.note_gust(at, gust);
            let later = at + self.chance.span(50, 14);
            match gust {
                Gust::Hide(_) => {
                    if later > at + 300_000 {
                        self.note_gust(at + 300_000, Gust::Hide(2));
                    }
                    self.note_gust(later, Gust::Show);
                }
                Gust::Offline => self.note_gust(later, Gust::Online),
                Gust::Outage(true) => self.note_gust(later, Gust::Outage(false)),
                Gust::Login(_) => self.note_gust(later, Gust::Login(0)),
                _ => {}
            }
        }
    }

    fn note_gust(&mut self, at: u64, gust: Gust) {
        self.gusts.push(gust);
        self.agenda.note(at, What::Gust(index(self.gusts.len() - 1)));
    }

    /// It happens.
    pub(crate) fn gust(&mut self, which: usize) {
        let gust = self.gusts[which];
        if self.clock.is_frozen() {
            self.agenda.note(self.clock.frozen_until, What::Gust(index(which)));
            return;
        }
        tell!(self, None, "{gust:?}");
        match gust {
            Gust::Hide(level) => {
                if level == 1 || self.page.hidden == 1 {
                    self.page.hidden = level;
                    self.witness_weather(if level == 1 { 3_000 } else { 130_000 });
                }
            }
            Gust::Show => {
                self.page.hidden = 0;
                self.release_timers();
                self.wake_all(false);
            }
            Gust::PageShow => self.wake_all(false),
            Gust::Sleep { span, stands } => {
                self.witness_weather(0);
                self.clock.freeze(span, stands);
                self.cut_connections();
                if self.chance.one_in(2) {
                    let gust = self.chance.pick(&[Gust::Show, Gust::Online, Gust::PageShow]);
                    self.note_gust(self.clock.frozen_until + 1, gust);
                }
            }
            Gust::Freeze { span } => {
                self.witness_weather(0);
                self.clock.freeze(span, false);
                if self.chance.one_in(2) {
                    self.note_gust(self.clock.frozen_until, Gust::PageShow);
                }
            }
            Gust::SetWall(by) => {
                self.witness_weather(0);
                self.clock.set_wall(by);
            }
            Gust::Offline => self.page.offline = true,
            Gust::Online => {
                self.page.offline = false;
                self.wake_all(true);
            }
            Gust::Outage(begins) => self.climate.set_outage(begins, &mut self.chance),
            Gust::Crash => self.crash(),
            Gust::Restart => self.restart_server(),
            Gust::Login(user) => self.server.user = user,
        }
    }

    /// Ends every sleep early, unless the page is hidden.
    fn wake_all(&mut self, online: bool) {
        if self.page.hidden == 0 {
            self.wake_sleepers(online);
        }
    }

    /// Ends every sleep early.
    pub(crate) fn wake_sleepers(&mut self, online: bool) {
        let sleepers: Vec<(usize, u32)> = (self.tasks.iter().enumerate())
            .filter(|(_, task)| task.doing == Doing::Sleep)
            .map(|(who, task)| (who, task.epoch))
            .collect();
        let many = sleepers.len() > FEW;
        for (who, epoch) in sleepers {
            if self.tasks[who].epoch == epoch {
                self.advance(who, protocol::call::Event::Woken { online, many });
            }
        }
    }

    /// The page is gone. Later another is loaded, which resumes what was stored.
    fn crash(&mut self) {
        for who in 0..self.tasks.len() {
            let task = &mut self.tasks[who];
            task.epoch += 1;
            task.alarm += 1;
            task.timer = None;
            task.doing = Doing::Nothing;
            task.place = false;
            task.client_place = false;
            if task.machine.take().is_some() {
                self.after_crash(who);
            }
        }
        self.clock.reload();
        self.page = Page::new(self.page.requests.most);
        self.asked.clear();
        self.ready.clear();
        for client in &mut self.clients {
            client.line = client.line.as_ref().map(|line| crate::line::Line::new(line.most));
        }
    }
}

fn draw(chance: &mut Chance) -> Gust {
    match chance.within(0, 13) {
        0..=2 => Gust::Hide(1),
        3 => Gust::PageShow,
        4 | 5 => Gust::Sleep { span: chance.span(1_000, 13), stands: chance.one_in(2) },
        6 => Gust::Freeze { span: chance.span(200, 13) },
        7 => {
            let by = i64::try_from(chance.span(500, 16)).unwrap_or_default();
            Gust::SetWall(if chance.one_in(2) { by } else { -by })
        }
        8 | 9 => Gust::Offline,
        10 => Gust::Online,
        11 => Gust::Outage(true),
        _ => Gust::Crash,
    }
}
