//! What a reply means for a call, and what must follow from it at once.

use protocol::call::Goal;

use super::{BLANKS, MISSES, UNKNOWNS, Witness};
use crate::answer::{Asked, Meaning, Said};
use crate::invariant::Invariant;
use crate::task::{KeySource, OnSubmit};
use crate::world::World;

/// No `Retry-After` is longer.
const HOUR: u64 = 3_600_000;

impl World {
    /// A reply, or a network error, is about to be handed to the call.
    pub(crate) fn witness_reply(&mut self, which: usize, meaning: Meaning, lost: bool) {
        let now = self.clock.now();
        let exchange = &self.exchanges[which];
        let (create, key, refusals) = (exchange.create, exchange.key, exchange.refusals);
        let task = &mut self.tasks[exchange.task as usize];
        let witness = &mut task.witness;
        witness.reply = Some(meaning);
        let gate = &mut self.page.gates[self.clients[task.plan.client].origin];
        if !lost && !matches!(meaning, Meaning::Limited(_)) {
            gate.passed(create, now, self.clock.time, refusals);
        }
        if meaning != Meaning::Unauthorized {
            witness.refused = None;
            witness.refusals = 0;
        }
        match meaning {
            Meaning::Accepted(said) => {
                witness.accepted = true;
                witness.says(said);
            }
            Meaning::Said(said) => witness.says(said),
            Meaning::Unknown => witness.unknown = true,
            Meaning::Missed => witness.misses += 1,
            Meaning::Unauthorized => {
                witness.may_post = witness.posts > 0;
                witness.refused = key;
                witness.refusals += 1;
            }
            Meaning::Limited(asked) => {
                witness.limited = true;
                witness.may_post = witness.posts > 0 && !witness.accepted;
                let asked = match asked {
                    Asked::Nothing => None,
                    Asked::Milliseconds(span) => Some(span.clamp(1, HOUR)),
                    Asked::Until(wall) => Some(wall.saturating_sub(now.wall).clamp(1, HOUR)),
                };
                gate.close(create, now, self.clock.time, asked);
                if gate.hammers() && self.gusts.is_empty() {
                    self.breaks(Invariant::BacksOff, "submits are refused again and again, and as often");
                }
            }
            Meaning::Nameless | Meaning::Passing | Meaning::Refused(_) => {}
        }
    }

    /// The call has been told of a reply, and has done what it does at once.
    pub(crate) fn witness_heeded(&mut self, who: usize, meaning: Meaning) {
        let task = &self.tasks[who];
        let witness = &task.witness;
        let settled = witness.outcome.is_some();
        let must_settle = match meaning {
            Meaning::Accepted(_) => task.goal == Goal::Submit,
            Meaning::Nameless
            | Meaning::Unknown
            | Meaning::Refused(_)
            | Meaning::Said(Said::Completed | Said::Failed) => true,
            Meaning::Missed if witness.misses >= MISSES => true,
            Meaning::Said(Said::Strange) if witness.unknowns >= UNKNOWNS => true,
            Meaning::Said(Said::Blank) if witness.blanks >= BLANKS => true,
            Meaning::Unauthorized => self.clients[task.plan.client].key != KeySource::Function || witness.refusals > 1,
            Meaning::Said(_) | Meaning::Missed | Meaning::Passing | Meaning::Limited(_) => task.goal == Goal::Check,
        };
        let in_hand = task.plan.on_submit == OnSubmit::Absent || witness.told || settled;
        if must_settle && !settled {
            let invariant =
                if meaning == Meaning::Unknown { Invariant::UnknownIsExact } else { Invariant::RepliesHeeded };
            self.breaks(invariant, format_args!("task {who} goes on after {meaning:?}"));
        }
        if matches!(meaning, Meaning::Accepted(_)) && !in_hand {
            self.breaks(Invariant::IdInHand, format_args!("task {who} has not told its caller"));
        }
    }
}

impl Witness {
    fn says(&mut self, said: Said) {
        self.misses = 0;
        match said {
            Said::Strange => self.unknowns += 1,
            Said::Blank => {
                self.unknowns = 0;
                self.blanks += 1;
            }
            Said::Pending | Said::Completed | Said::Failed => {
                self.unknowns = 0;
                self.blanks = 0;
                self.is_final = said != Said::Pending;
            }
        }
    }
}
