//! The server half between page and service, as simply as its promise can be stated: what it keeps of
//! a submit by its key, and for how long it has forgotten nothing.

use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::Fault;
use crate::sim_rng::SimRng;

/// Of a claim whose process has died.
const STALE: u64 = 60_000;
/// The longest reach.
const DAY: u64 = 86_400_000;

/// How the server behind `baseUrl` answers a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookupSupport {
    /// By what it has kept.
    Knows,
    /// With a JSON error: it knows no look-up.
    Error(u16),
    /// With a page of HTML.
    Page(u16),
    /// With JSON that is no reply to a look-up.
    Else,
}

/// Where outcomes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Store {
    /// It outlives the process.
    Durable,
    /// The process's memory.
    Memory,
    /// Likewise, and other processes may have what this one has not: it has no reach.
    Shared,
}

/// What a server half knows of a key.
#[derive(Clone, Debug)]
pub(crate) enum KeyState {
    /// Nothing.
    Absent,
    /// Its submit is under way.
    Sending,
    /// It created this generation.
    Accepted(Arc<str>),
    /// Nobody can know.
    Unknown,
    /// It is somebody else's.
    OtherUser,
}

#[derive(Debug)]
struct Claim {
    key: Arc<str>,
    user: u32,
    /// What is asked for: the task.
    request: u32,
    since: u64,
    settled_at: u64,
    state: KeyState,
    /// Repeated submits that wait for what becomes of the first.
    waiting: Vec<u32>,
}

/// A submit on its way from the server half to the service and back.
#[derive(Debug)]
pub(crate) struct Upstream {
    /// The request that it is made for, if somebody waits for its answer.
    pub(crate) exchange: u32,
    pub(crate) key: Arc<str>,
    pub(crate) fault: Fault,
    pub(crate) process: u32,
    pub(crate) arrived: bool,
    pub(crate) answer: Option<(Answer, Option<Arc<str>>)>,
}

/// What a submit with a key comes to.
#[derive(Debug)]
pub(crate) enum ClaimResult {
    /// It goes to the service.
    First,
    /// Another one is under way, and this one waits.
    Waits,
    /// It is answered by what is known.
    Repeated(KeyState),
    /// The key is another request's.
    Mismatch,
}

/// A server half.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) lookup_support: LookupSupport,
    store: Store,
    /// Since when it has forgotten nothing.
    pub(crate) remembers_since: u64,
    /// Which of its processes runs.
    pub(crate) process: u32,
    /// Unknown outcomes are looked up in the service's logs.
    pub(crate) reads_logs: bool,
    /// Who is logged in: it may be somebody else.
    pub(crate) user: u32,
    claims: Vec<Claim>,
    /// Which keys it knew once, and when it forgot them.
    forgotten: Vec<(Arc<str>, u64)>,
    /// Keys for which it could not keep its promise: it forgot them while a submit that it had allowed was in
    /// flight.
    pub(crate) excused: Vec<Arc<str>>,
    pub(crate) upstream: Vec<Upstream>,
}

impl Server {
    /// A server half at that time.
    pub(crate) fn draw(time: u64, rng: &mut SimRng) -> Self {
        let lookup_support = match rng.within(0, 15) {
            0 => LookupSupport::Error(rng.pick(&[400, 404, 404, 405])),
            1 => LookupSupport::Page(rng.pick(&[200, 400, 403, 404, 404, 405])),
            2 => LookupSupport::Else,
            _ => LookupSupport::Knows,
        };
        let store =
            rng.pick(&[Store::Durable, Store::Durable, Store::Durable, Store::Memory, Store::Memory, Store::Shared]);
        let age = if rng.one_in(4) { rng.within(0, 60_000) } else { DAY };
        Self {
            lookup_support,
            store,
            remembers_since: time.saturating_sub(age),
            process: 0,
            reads_logs: rng.one_in(4),
            user: 0,
            claims: Vec::new(),
            forgotten: Vec::new(),
            excused: Vec::new(),
            upstream: Vec::new(),
        }
    }

    /// For how many milliseconds it has forgotten nothing.
    fn reach(&self, time: u64) -> u64 {
        if self.store == Store::Shared { 0 } else { time.saturating_sub(self.remembers_since).min(DAY) }
    }

    /// A submit arrives.
    pub(crate) fn claim(&mut self, key: &Arc<str>, request: u32, exchange: u32, time: u64) -> ClaimResult {
        let user = self.user;
        let Some(claim) = self.claims.iter_mut().find(|claim| claim.key == *key) else {
            self.claims.push(Claim {
                key: Arc::clone(key),
                user,
                request,
                since: time,
                settled_at: time,
                state: KeyState::Sending,
                waiting: Vec::new(),
            });
            return ClaimResult::First;
        };
        if claim.user == user && claim.request != request {
            return ClaimResult::Mismatch;
        }
        match claim.seen_by(user, time) {
            KeyState::Sending => {
                claim.waiting.push(exchange);
                ClaimResult::Waits
            }
            known => ClaimResult::Repeated(known),
        }
    }

    /// What came of the submit of that claim; who waited for it.
    pub(crate) fn settle(&mut self, key: &Arc<str>, state: KeyState, time: u64) -> Vec<u32> {
        let Some(place) = self.claims.iter().position(|claim| claim.key == *key) else { return Vec::new() };
        let waiting = std::mem::take(&mut self.claims[place].waiting);
        if let KeyState::Absent = state {
            self.claims.swap_remove(place);
        } else {
            (self.claims[place].state, self.claims[place].settled_at) = (state, time);
        }
        waiting
    }

    /// The true time at which it learned that the submit was accepted.
    pub(crate) fn accepted_at(&self, key: &str) -> Option<u64> {
        let accepted = |claim: &&Claim| &*claim.key == key && matches!(claim.state, KeyState::Accepted(_));
        let mine = self.claims.iter().find(accepted).filter(|claim| claim.user == self.user);
        mine.filter(|_| self.store != Store::Shared).map(|claim| claim.settled_at)
    }

    /// A repeated submit has waited long enough; returns whether it was still waiting.
    pub(crate) fn give_up(&mut self, exchange: u32) -> bool {
        self.claims.iter_mut().any(|claim| {
            let before = claim.waiting.len();
            claim.waiting.retain(|waiting| *waiting != exchange);
            claim.waiting.len() < before
        })
    }

    /// The reply to a look-up, and its reach.
    pub(crate) fn lookup_state(&self, key: &str, time: u64, rng: &mut SimRng) -> (KeyState, u64) {
        // Another process answers.
        let elsewhere = self.store == Store::Shared && rng.one_in(2);
        let claim = self.claims.iter().find(|claim| &*claim.key == key).filter(|_| !elsewhere);
        (claim.map_or(KeyState::Absent, |claim| claim.seen_by(self.user, time)), self.reach(time))
    }

    /// The process dies, and another begins; the requests that waited in it.
    pub(crate) fn restart(&mut self, time: u64) -> Vec<u32> {
        self.process += 1;
        let waiting = self.claims.iter_mut().flat_map(|claim| std::mem::take(&mut claim.waiting)).collect();
        if self.store != Store::Durable {
            self.forgotten.extend(self.claims.drain(..).map(|claim| (claim.key, time)));
            self.remembers_since = time;
        }
        waiting
    }

    /// A submit is sent, or arrives, that was allowed at that time. If the key was forgotten since then, the
    /// client is not at fault.
    pub(crate) fn excuse(&mut self, key: &Arc<str>, allowed_at: u64) {
        if self.forgotten.iter().any(|(forgotten, at)| forgotten == key && *at >= allowed_at) {
            self.excused.push(Arc::clone(key));
        }
    }
}

impl Claim {
    /// What becomes known of it, as far as this user may know.
    fn seen_by(&self, user: u32, time: u64) -> KeyState {
        match &self.state {
            _ if self.user != user => KeyState::OtherUser,
            KeyState::Sending if time >= self.since + STALE => KeyState::Unknown,
            state => state.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server half with one claim.
    fn claimed(store: Store, state: KeyState) -> (Server, Arc<str>) {
        let mut server = Server::draw(100_000, &mut SimRng::of(1, 1));
        (server.store, server.remembers_since) = (store, 0);
        let key: Arc<str> = "key".into();
        assert!(matches!(server.claim(&key, 7, 0, 100_000), ClaimResult::First));
        if !matches!(state, KeyState::Sending) {
            server.settle(&key, state, 101_000);
        }
        (server, key)
    }

    #[test]
    fn a_repeated_submit_and_a_look_up_are_told_what_the_state_table_says() {
        let accepted = || KeyState::Accepted("id".into());
        for (state, submit, look) in [
            (KeyState::Sending, "Waits", "Sending"),
            (accepted(), "Repeated(Accepted(\"id\"))", "Accepted(\"id\")"),
            (KeyState::Absent, "First", "Absent"),
            (KeyState::Unknown, "Repeated(Unknown)", "Unknown"),
        ] {
            let (mut server, key) = claimed(Store::Durable, state);
            let (known, reach) = server.lookup_state(&key, 102_000, &mut SimRng::of(1, 1));
            assert_eq!((format!("{known:?}"), reach), (look.to_owned(), 102_000));
            assert_eq!(format!("{:?}", server.claim(&key, 7, 1, 102_000)), submit);
        }
    }

    #[test]
    fn a_claim_whose_process_died_is_unknown_after_a_minute_and_never_sent_again() {
        let (mut server, key) = claimed(Store::Durable, KeyState::Sending);
        server.restart(110_000);
        assert!(matches!(server.lookup_state(&key, 159_999, &mut SimRng::of(1, 1)), (KeyState::Sending, _)));
        assert!(matches!(server.lookup_state(&key, 160_000, &mut SimRng::of(1, 1)), (KeyState::Unknown, _)));
        assert!(matches!(server.claim(&key, 7, 1, 160_000), ClaimResult::Repeated(KeyState::Unknown)));
    }

    #[test]
    fn a_memory_that_was_emptied_says_so_by_its_reach() {
        let (mut server, key) = claimed(Store::Memory, KeyState::Sending);
        server.restart(110_000);
        assert!(matches!(server.lookup_state(&key, 111_000, &mut SimRng::of(1, 1)), (KeyState::Absent, 1_000)));
    }

    #[test]
    fn another_request_and_another_user_learn_nothing_of_a_key() {
        let (mut server, key) = claimed(Store::Durable, KeyState::Sending);
        assert!(matches!(server.claim(&key, 8, 1, 102_000), ClaimResult::Mismatch));
        server.user = 1;
        assert!(matches!(server.claim(&key, 7, 1, 102_000), ClaimResult::Repeated(KeyState::OtherUser)));
        assert!(matches!(server.lookup_state(&key, 102_000, &mut SimRng::of(1, 1)), (KeyState::OtherUser, _)));
    }
}
