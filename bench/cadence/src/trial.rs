//! One client: requests and delays, by distribution and policy.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use crate::client::{Bodies, Client, PollingCost};
use crate::distribution::Durations;
use crate::optimum::{Optimum, optimum};
use crate::peer::Peer;
use crate::{float, ratio};

/// Durations that stand for a distribution.
const SAMPLE: usize = 200_000;
/// Generations that one module makes.
const JOBS: usize = 100;

/// Distributions for which the documented typical duration is right.
const PRIOR_RIGHT: [Durations; 4] = [
    Durations::LogNormal(40.0, 0.25),
    Durations::LogNormal(40.0, 0.5),
    Durations::Bimodal(35.0, 120.0, 0.16),
    Durations::Normal(35.0, 3.0),
];
/// Distributions for which it is wrong by a factor of three.
const PRIOR_WRONG: [Durations; 2] = [Durations::LogNormal(13.3, 0.25), Durations::LogNormal(120.0, 0.25)];
const PEERS: [Peer; 4] = [Peer::Documented, Peer::HalfSecond, Peer::FiveSeconds, Peer::Exponential];
/// What is measured before and after durations change at once.
const DRIFT_RANGES: [(usize, usize); 7] = [(21, 40), (41, 41), (42, 45), (46, 50), (51, 55), (56, 100), (1, JOBS)];

/// Generations, and what the documented loop would have spent on them.
#[derive(Debug, Default)]
struct Group {
    requests: u64,
    documented: u64,
    documented_delay: u64,
    delays: Vec<u64>,
}

impl Group {
    fn add(&mut self, cost: PollingCost, documented: PollingCost) {
        self.requests += cost.requests;
        self.documented += documented.requests;
        self.documented_delay += documented.delay;
        self.delays.push(cost.delay);
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

    fn request_goal(&self) -> Goal {
        Goal { met: self.requests <= self.documented, words: "requests ≤ documented".into() }
    }
}

/// A goal, and whether it is met.
struct Goal {
    words: String,
    met: bool,
}

/// The results of every trial, as rows.
#[derive(Debug)]
pub struct Trials {
    modules: usize,
    seed: u64,
    bodies: Bodies,
    rows: Vec<Value>,
}

impl Trials {
    /// Measures with so many modules for each distribution.
    pub fn run(modules: usize, seed: u64) -> Self {
        let mut trials = Self { modules, seed, bodies: Bodies::default(), rows: vec![] };
        for durations in PRIOR_RIGHT {
            trials.measure(durations, "the prior is right", 0.6);
        }
        for durations in PRIOR_WRONG {
            trials.measure(durations, "the prior is wrong by 3", 1.0);
        }
        for factor in [2.0, 0.5] {
            trials.measure_drift(factor);
        }
        trials
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        json!({"bench": "cadence", "seed": self.seed, "modules": self.modules, "rows": self.rows})
    }

    fn measure(&mut self, durations: Durations, prior: &str, share: f64) {
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
            self.add_row(&title, peer.name(), &mut group, None);
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
            let at_most = |max_delay: f64, words: &str| {
                Some(Goal { met: group.delay() <= max_delay, words: format!("{words} = {:.2}", max_delay / 1e3) })
            };
            let goal = match (first, last) {
                (1, 1) => at_most(share * group.of(group.documented_delay), &format!("≤ {share} × documented")),
                (21, _) => at_most(1.25 * best.delay, "≤ 1.25 × optimum"),
                (_, JOBS) => Some(group.request_goal()),
                _ => None,
            };
            self.add_row(&title, name, &mut group, goal.as_ref());
        }
        self.add_optimum(&title, "optimum", &best, documented);
    }

    fn measure_drift(&mut self, factor: f64) {
        let after = Durations::LogNormal(40.0 * factor, 0.25);
        let title = format!("durations × {factor} at once after 40 jobs, log-normal 40 s, σ 0.25");
        let runs = self.modules(&[(Durations::LogNormal(40.0, 0.25), 40), (after, JOBS - 40)]);
        for (first, last) in DRIFT_RANGES {
            let mut group = collect(&runs, first, last);
            let goal = ((first, last) == (1, JOBS)).then(|| group.request_goal());
            self.add_row(&title, &format!("{first}-{last}"), &mut group, goal.as_ref());
        }
        let sample = after.sample(SAMPLE, self.seed);
        let mut random = SmallRng::seed_from_u64(self.seed);
        let requests =
            sample.iter().map(|duration| Peer::Documented.follow(*duration, &mut random).requests).sum::<u64>();
        let documented = ratio(float(requests), SAMPLE);
        self.add_optimum(&title, "optimum after", &optimum(&sample, documented), documented);
    }

    /// What fresh modules notice: for each, one after the other, beside the documented loop.
    fn modules(&self, phases: &[(Durations, usize)]) -> Vec<Vec<(PollingCost, PollingCost)>> {
        let mut random = SmallRng::seed_from_u64(self.seed ^ 1);
        let run = |seed: u64| {
            let mut client = Client::new(&self.bodies, self.seed ^ seed << 8);
            let mut cost = vec![];
            for (durations, jobs) in phases {
                for _ in 0..*jobs {
                    let duration = durations.draw(&mut random);
                    let documented = Peer::Documented.follow(duration, &mut random);
                    cost.push((client.generate(None, duration), documented));
                }
            }
            cost
        };
        (0..self.modules as u64).map(run).collect()
    }

    fn add_row(&mut self, title: &str, name: &str, group: &mut Group, goal: Option<&Goal>) {
        self.rows.push(json!({
            "durations": title, "policy": name,
            "requests": group.of(group.requests), "documentedRequests": group.of(group.documented),
            "delayMs": group.delay(), "p95Ms": group.percentile(95),
            "goal": goal.map_or("", |goal| &goal.words), "met": goal.map(|goal| goal.met),
        }));
    }

    fn add_optimum(&mut self, title: &str, name: &str, best: &Optimum, documented: f64) {
        self.rows.push(json!({
            "durations": title, "policy": name,
            "requests": best.requests, "documentedRequests": documented, "delayMs": best.delay,
        }));
    }
}

fn collect(runs: &[Vec<(PollingCost, PollingCost)>], first: usize, last: usize) -> Group {
    let mut group = Group::default();
    for (cost, documented) in runs.iter().flat_map(|run| run.iter().take(last).skip(first - 1)) {
        group.add(*cost, *documented);
    }
    group
}
