//! What a reply means for a call, and what must follow from it at once.

use protocol::call::Goal;

use super::{BLANKS, MISSES, UNKNOWNS, Witness};
use crate::answer::{Asked, Meaning, Said};
use crate::invariant::Invariant;
use crate::task::{KeySource, Method, OnSubmit};
use crate::world::World;

/// No `Retry-After` is longer.
const HOUR: u64 = 3_600_000;

impl World {
    /// A reply, or a network error, is about to be handed to the call.
    pub(crate) fn witness_reply(&mut self, which: usize, meaning: Meaning, lost: bool) {
        let now = self.clock.now();
        let exchange = &self.exchanges[which];
        let (method, key, refusals, answered_at) =
            (exchange.method, exchange.key, exchange.refusals, exchange.answered_at);
        let (create, who) = (method == Method::Submit, exchange.task as usize);
        let task = &mut self.tasks[who];
        let witness = &mut task.witness;
        witness.reply = Some(meaning);
        witness.asked_again = false;
        let gate = &mut self.page.gates[self.clients[task.plan.client].origin];
        if !lost && !matches!(meaning, Meaning::Limited(_)) && method != Method::Lookup {
            gate.passed(create, now, self.clock.time, refusals);
        }
        if meaning != Meaning::Unauthorized {
            witness.refused = None;
            witness.refusals = 0;
        }
        if method == Method::Lookup {
            let believed = witness.hears_lookup(meaning, now, self.clock.time, answered_at);
            if believed && task.goal != Goal::Recover {
                (witness.may_post, witness.lookups.may_resend) = (true, true);
                if let Some(name) = &mut task.name {
                    name.allowed_at = answered_at;
                }
            }
        }
        match meaning {
            Meaning::Accepted(said) => {
                witness.accepted = true;
                witness.unknown &= witness.lookups.recovery.is_none();
                witness.says(said);
            }
            Meaning::Said(said) => witness.says(said),
            Meaning::Unknown => witness.loses_submit(self.clock.time),
            Meaning::InVain => {
                witness.may_post = true;
                witness.in_vain = true;
            }
            Meaning::Missed => witness.misses += 1,
            Meaning::Unauthorized => {
                witness.may_post |= create;
                witness.refused = key;
                witness.refusals += 1;
            }
            Meaning::Limited(_) if method == Method::Lookup => {}
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
            Meaning::Nameless
            | Meaning::Passing
            | Meaning::Refused(_)
            | Meaning::Absent(_)
            | Meaning::Undecided(_)
            | Meaning::Unclear(_)
            | Meaning::Unlisted(_) => {}
        }
    }

    /// The call has been told of a reply, and has done what it does at once.
    pub(crate) fn witness_heeded(&mut self, who: usize, meaning: Meaning) {
        let task = &self.tasks[who];
        let witness = &task.witness;
        let settled = witness.outcome.is_some();
        let must_settle = match meaning {
            Meaning::Accepted(_) => matches!(task.goal, Goal::Submit | Goal::Recover),
            Meaning::Unknown => witness.lookups.recovery.is_none(),
            Meaning::Absent(_) if witness.lookups.covered => task.goal == Goal::Recover,
            Meaning::Absent(_) => witness.ends_lookup(self.clock.now()),
            Meaning::InVain | Meaning::Undecided(_) | Meaning::Unlisted(_) => false,
            Meaning::Nameless
            | Meaning::Refused(_)
            | Meaning::Unclear(_)
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
