//! One client: requests and delays, by distribution and policy.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use crate::client::{Client, Noticed, Words};
use crate::distribution::Durations;
use crate::optimum::{Optimum, optimum};
use crate::peer::Peer;
use crate::{float, ratio};

/// Durations that stand for a distribution.
const SAMPLE: usize = 200_000;
/// Generations that one module makes.
const JOBS: usize = 100;

/// Where the documented typical time is right.
const RIGHT: [Durations; 4] = [
    Durations::LogNormal(40.0, 0.25),
    Durations::LogNormal(40.0, 0.5),
    Durations::TwoHumps(35.0, 120.0, 0.16),
    Durations::Normal(35.0, 3.0),
];
/// Where it is wrong by a factor of three.
const WRONG: [Durations; 2] = [Durations::LogNormal(13.3, 0.25), Durations::LogNormal(120.0, 0.25)];
const PEERS: [Peer; 4] = [Peer::Documented, Peer::HalfSecond, Peer::FiveSeconds, Peer::Exponential];
/// What is measured before and after durations change at once.
const DRIFT: [(usize, usize); 7] = [(21, 40), (41, 41), (42, 45), (46, 50), (51, 55), (56, 100), (1, JOBS)];

/// Generations, and what the documented loop would have spent on them.
#[derive(Debug, Default)]
struct Group {
    requests: u64,
    documented: u64,
    documented_delay: u64,
    delays: Vec<u64>,
}

impl Group {
    fn add(&mut self, noticed: Noticed, documented: Noticed) {
        self.requests += noticed.requests;
        self.documented += documented.requests;
        self.documented_delay += documented.delay;
        self.delays.push(noticed.delay);
    }

    fn of(&self, sum: u64) -> f64 {
        sum.to_string().parse::<f64>().map_or(0.0, |sum| ratio(sum, self.delays.len()))
    }

    fn delay(&self) -> f64 {
        self.of(self.delays.iter().sum())
    }

    fn percentile(&mut self, percent: usize) -> f64 {
        self.delays.sort_unstable();
        self.delays.get(self.delays.len() * percent / 100).map_or(0.0, |delay| float(*delay))
    }

    fn thrifty(&self) -> Goal {
        Goal { met: self.requests <= self.documented, words: "requests ≤ documented".into() }
    }
}

/// A goal, and whether it is met.
struct Goal {
    words: String,
    met: bool,
}

/// Every trial, as rows of what came of it.
#[derive(Debug)]
pub struct Trials {
    modules: usize,
    seed: u64,
    words: Words,
    rows: Vec<Value>,
}

impl Trials {
    /// Measures with so many modules for each distribution.
    pub fn run(modules: usize, seed: u64) -> Self {
        let mut trials = Self { modules, seed, words: Words::default(), rows: vec![] };
        for durations in RIGHT {
            trials.monotonic(durations, "the prior is right", 0.6);
        }
        for durations in WRONG {
            trials.monotonic(durations, "the prior is wrong by 3", 1.0);
        }
        for factor in [2.0, 0.5] {
            trials.drift(factor);
        }
        trials
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        json!({"bench": "cadence", "seed": self.seed, "modules": self.modules, "rows": self.rows})
    }

    fn monotonic(&mut self, durations: Durations, prior: &str, share: f64) {
        let sample = durations.sample(SAMPLE, self.seed);
        let title = format!("{} ({prior})", durations.name());
        let mut random = SmallRng::seed_from_u64(self.seed);
        let mut documented = 0.0;
        for peer in PEERS {
            let mut group = Group::default();
            for duration in &sample {
                group.add(peer.follow(*duration, &mut random), Peer::Documented.follow(*duration, &mut random));
            }
            documented = group.of(group.documented);
            self.note(&title, peer.name(), &mut group, None);
        }
        let best = optimum(&sample, documented);
        let runs = self.modules(&[(durations, JOBS)]);
        let spans = [
            ("ours, cold", 1, 1),
            ("ours, jobs 1-20", 1, 20),
            ("ours, jobs 21-40", 21, 40),
            ("ours, jobs 1-100", 1, 100),
        ];
        for (name, first, last) in spans {
            let mut group = collect(&runs, first, last);
            let at_most = |most: f64, words: &str| {
                Some(Goal { met: group.delay() <= most, words: format!("{words} = {:.2}", most / 1e3) })
            };
            let goal = match (first, last) {
                (1, 1) => at_most(share * group.of(group.documented_delay), &format!("≤ {share} × documented")),
                (21, _) => at_most(1.25 * best.delay, "≤ 1.25 × optimum"),
                (_, JOBS) => Some(group.thrifty()),
                _ => None,
            };
            self.note(&title, name, &mut group, goal.as_ref());
        }
        self.note_optimum(&title, "optimum", &best, documented);
    }

    fn drift(&mut self, factor: f64) {
        let after = Durations::LogNormal(40.0 * factor, 0.25);
        let title = format!("durations × {factor} at once after 40 jobs, log-normal 40 s, σ 0.25");
        let runs = self.modules(&[(Durations::LogNormal(40.0, 0.25), 40), (after, JOBS - 40)]);
        for (first, last) in DRIFT {
            let mut group = collect(&runs, first, last);
            let goal = ((first, last) == (1, JOBS)).then(|| group.thrifty());
            self.note(&title, &format!("{first}-{last}"), &mut group, goal.as_ref());
        }
        let sample = after.sample(SAMPLE, self.seed);
        let mut random = SmallRng::seed_from_u64(self.seed);
        let requests =
            sample.iter().map(|duration| Peer::Documented.follow(*duration, &mut random).requests).sum::<u64>();
        let documented = ratio(float(requests), SAMPLE);
        self.note_optimum(&title, "optimum after", &optimum(&sample, documented), documented);
    }

    /// What fresh modules notice: for each, one after the other, beside the documented loop.
    fn modules(&self, phases: &[(Durations, usize)]) -> Vec<Vec<(Noticed, Noticed)>> {
        let mut random = SmallRng::seed_from_u64(self.seed ^ 1);
        let run = |seed: u64| {
            let mut client = Client::new(&self.words, self.seed ^ seed << 8);
            let mut noticed = vec![];
            for (durations, jobs) in phases {
                for _ in 0..*jobs {
                    let duration = durations.draw(&mut random);
                    let documented = Peer::Documented.follow(duration, &mut random);
                    noticed.push((client.generate(None, duration), documented));
                }
            }
            noticed
        };
        (0..self.modules as u64).map(run).collect()
    }

    fn note(&mut self, title: &str, name: &str, group: &mut Group, goal: Option<&Goal>) {
        self.rows.push(json!({
            "durations": title, "policy": name,
            "requests": group.of(group.requests), "documentedRequests": group.of(group.documented),
            "delayMs": group.delay(), "p95Ms": group.percentile(95),
            "goal": goal.map_or("", |goal| &goal.words), "met": goal.map(|goal| goal.met),
        }));
    }

    fn note_optimum(&mut self, title: &str, name: &str, best: &Optimum, documented: f64) {
        self.rows.push(json!({
            "durations": title, "policy": name,
            "requests": best.requests, "documentedRequests": documented, "delayMs": best.delay,
        }));
    }
}

fn collect(runs: &[Vec<(Noticed, Noticed)>], first: usize, last: usize) -> Group {
    let mut group = Group::default();
    for (noticed, documented) in runs.iter().flat_map(|run| run.iter().take(last).skip(first - 1)) {
        group.add(*noticed, *documented);
    }
    group
}
