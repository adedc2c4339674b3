//! The best schedule if the distribution is known: dynamic programming over a grid of ages.
#![expect(clippy::indexing_slicing, reason = "a bench, whose loops keep to the grid that they made")]

use crate::{float, ratio};

/// The grid, in milliseconds.
const STEP: u64 = 100;
/// No two checks are closer than this many steps: the contract's second.
const MIN_INTERVAL: usize = 10;
/// No check is further than this many steps from the one before.
const MAX_INTERVAL: usize = 2_000;

/// What a plan costs and gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Optimum {
    /// Requests in the mean.
    pub requests: f64,
    /// The mean delay in milliseconds.
    pub delay: f64,
    /// When it polls, in milliseconds: of the plan with fewer requests.
    pub ages: Vec<u64>,
}

/// The plan of least mean delay among those that make no more requests in the mean than `max_requests`.
///
/// For a price of a request in delay, the best plan follows backwards from the last age; the
/// price is then found by bisection. Where no plan makes just as many requests, it is a mixture of
/// the two nearest.
pub fn optimum(durations: &[u64], max_requests: f64) -> Optimum {
    let grid = Grid::new(durations);
    let (mut low, mut high) = (1.0_f64, 100_000.0_f64);
    for _ in 0..24 {
        let price = (low * high).sqrt();
        if grid.plan(price).requests > max_requests { low = price } else { high = price }
    }
    let (eager, sparing) = (grid.plan(low), grid.plan(high));
    let spare = (max_requests - sparing.requests) / (eager.requests - sparing.requests).max(f64::EPSILON);
    Optimum { requests: max_requests, delay: sparing.delay - spare * (sparing.delay - eager.delay), ages: sparing.ages }
}

/// Shares and moments of the durations up to each age.
struct Grid {
    share: Vec<f64>,
    moment: Vec<f64>,
}

impl Grid {
    fn new(durations: &[u64]) -> Self {
        let steps = durations.iter().max().map_or(0, |longest| longest.div_ceil(STEP)) + 1;
        let mut counts: Vec<(f64, f64)> = (0..=steps).map(|_| (0.0, 0.0)).collect();
        for duration in durations {
            let step = usize::try_from(duration.div_ceil(STEP)).unwrap_or(0);
            if let Some((count, sum)) = counts.get_mut(step) {
                *count += 1.0;
                *sum += float(*duration);
            }
        }
        let total = |pick: fn(&(f64, f64)) -> f64| {
            let mut sum = 0.0;
            let add = |cell| {
                sum += ratio(pick(cell), durations.len());
                sum
            };
            counts.iter().map(add).collect()
        };
        Self { share: total(|cell| cell.0), moment: total(|cell| cell.1) }
    }

    /// The best plan where a request costs so many milliseconds.
    fn plan(&self, price: f64) -> Optimum {
        let last = self.share.len() - 1;
        let mut costs = vec![0.0; last + 1];
        let mut nexts = vec![last; last + 1];
        for from in (0..last).rev() {
            let (cost, next) = self.best(from, &costs);
            costs[from] = cost + price * (1.0 - self.share[from]);
            nexts[from] = next;
        }
        let mut plan = Optimum::default();
        let mut from = 0;
        while from < last {
            let to = nexts[from];
            plan.requests += 1.0 - self.share[from];
            plan.delay += self.delay(from, to);
            plan.ages.push(to as u64 * STEP);
            from = to;
        }
        plan
    }

    fn best(&self, from: usize, costs: &[f64]) -> (f64, usize) {
        let last = self.share.len() - 1;
        let delays = ((from + MIN_INTERVAL).min(last)..=(from + MAX_INTERVAL).min(last))
            .map(|to| (self.delay(from, to) + costs[to], to));
        delays.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, last))
    }

    /// The delay of those that complete between two checks, summed over all.
    fn delay(&self, from: usize, to: usize) -> f64 {
        (self.share[to] - self.share[from]) * float(to as u64 * STEP) - (self.moment[to] - self.moment[from])
    }
}
