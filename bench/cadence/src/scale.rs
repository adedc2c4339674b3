//! A million clients: the most requests in any second.

use protocol::{DurationModel, Rng, backoff, jittered, millis};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::distribution::Durations;
use crate::peer::Peer;
use crate::{BenchRng, float};

/// All of them start within this, in milliseconds.
const MINUTE: u64 = 60_000;
/// When the service goes down, and when it is back.
const OUTAGE_START: u64 = 60_000;
const OUTAGE_END: u64 = 660_000;
/// The last second that is counted.
const SECONDS: usize = 3_600;
/// How long one generation takes.
const DURATIONS: Durations = Durations::LogNormal(40.0, 0.25);
/// The longest back-off of a poll, as in the machine.
const MAX_BACKOFF: u64 = 30_000;
/// The grid on which the forecasts are kept.
const STEP: f32 = 100.0;

/// Who polls.
#[derive(Clone, Copy, Debug)]
enum Policy {
    Ours { jitter: bool },
    Peer(Peer),
}

/// The requests of each second, and how late completions were noticed.
struct Load {
    seconds: Vec<u64>,
    delays: Vec<u64>,
}

impl Load {
    fn second(&mut self, time: u64) -> Option<&mut u64> {
        self.seconds.get_mut(usize::try_from(time / 1_000).ok()?)
    }

    fn peak(&self, from: u64, to: u64) -> u64 {
        let index = |millis: u64| usize::try_from(millis / 1_000).unwrap_or(SECONDS).min(SECONDS);
        self.seconds.get(index(from)..index(to)).and_then(|span| span.iter().max()).copied().unwrap_or(0)
    }

    fn p95_delay(&mut self) -> f64 {
        self.delays.sort_unstable();
        self.delays.get(self.delays.len() * 95 / 100).map_or(0.0, |delay| float(*delay))
    }
}

/// Random numbers, or always the middle.
struct JitterRng {
    rng: BenchRng,
    fixed: bool,
}

impl Rng for JitterRng {
    fn next_f64(&mut self) -> f64 {
        if self.fixed { 0.5 } else { self.rng.next_f64() }
    }
}

/// The results of each policy.
#[derive(Debug)]
pub struct Scale {
    clients: u64,
    seed: u64,
    rows: Vec<Value>,
}

impl Scale {
    /// Simulates so many clients under each policy.
    pub fn run(clients: u64, seed: u64) -> Self {
        let mut scale = Self { clients, seed, rows: vec![] };
        let forecasts = forecasts();
        for (name, policy) in [
            ("ours", Policy::Ours { jitter: true }),
            ("ours, without jitter", Policy::Ours { jitter: false }),
            (Peer::HalfSecond.name(), Policy::Peer(Peer::HalfSecond)),
            (Peer::ThreeSeconds.name(), Policy::Peer(Peer::ThreeSeconds)),
            (Peer::FiveSeconds.name(), Policy::Peer(Peer::FiveSeconds)),
            (Peer::Jittered.name(), Policy::Peer(Peer::Jittered)),
            (Peer::Documented.name(), Policy::Peer(Peer::Documented)),
        ] {
            let at_once = scale.load(policy, 1_000, false, &forecasts);
            let mut minute = scale.load(policy, MINUTE, false, &forecasts);
            let mut outage = scale.load(policy, MINUTE, true, &forecasts);
            scale.rows.push(json!({
                "policy": name,
                "peakWithinASecond": at_once.peak(0, u64::MAX),
                "peakWithinAMinute": minute.peak(0, u64::MAX), "p95Ms": minute.p95_delay(),
                "peakInOutage": outage.peak(OUTAGE_START, OUTAGE_END),
                "peakAfterOutage": outage.peak(OUTAGE_END, u64::MAX), "p95AfterOutageMs": outage.p95_delay(),
            }));
        }
        scale
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        json!({"bench": "scale", "seed": self.seed, "clients": self.clients, "rows": self.rows})
    }

    fn load(&self, policy: Policy, spread: u64, outage: bool, forecasts: &[u64]) -> Load {
        let mut load = Load { seconds: vec![0; SECONDS], delays: vec![] };
        let mut random = SmallRng::seed_from_u64(self.seed);
        let fixed = matches!(policy, Policy::Ours { jitter: false });
        let mut rng = JitterRng { rng: BenchRng(SmallRng::seed_from_u64(self.seed ^ 1)), fixed };
        for _ in 0..self.clients {
            let start = random.random_range(0..spread);
            let done = start + DURATIONS.draw(&mut random);
            let mut time = start + policy.first(forecasts, &mut rng);
            let (mut requests, mut faults) = (0, 0);
            while let Some(second) = load.second(time) {
                *second += 1;
                requests += 1;
                let down = outage && (OUTAGE_START..OUTAGE_END).contains(&time);
                faults = if down { faults + 1 } else { 0 };
                if !down && time >= done {
                    load.delays.push(time - if outage { done.max(OUTAGE_END) } else { done }.min(time));
                    break;
                }
                time += match policy {
                    Policy::Peer(peer) => peer.wait(requests, &mut random),
                    Policy::Ours { .. } if down => backoff(faults, MAX_BACKOFF, &mut rng),
                    Policy::Ours { .. } => jittered(forecast(forecasts, time - start), &mut rng),
                };
            }
        }
        load
    }
}

impl Policy {
    fn first(self, forecasts: &[u64], rng: &mut JitterRng) -> u64 {
        match self {
            Self::Ours { .. } => jittered(forecast(forecasts, 0), rng),
            Self::Peer(_) => 0,
        }
    }
}

/// How long a fresh module waits at each age: all of them begin with the same prior.
fn forecasts() -> Vec<u64> {
    let model = DurationModel::default();
    (0_u16..10_000)
        .map(|step| f32::from(step) * STEP)
        .map(|age| millis(f64::from(model.forecast(age, 1.0).next - age)))
        .collect()
}

fn forecast(forecasts: &[u64], age: u64) -> u64 {
    usize::try_from(age / millis(STEP.into())).ok().and_then(|step| forecasts.get(step)).copied().unwrap_or(10_000)
}
