//! Random numbers.

/// A source of randomness, passed in.
pub trait Rng {
    /// A number in `0.0..1.0`.
    fn next_f64(&mut self) -> f64;

    /// An integer in `0..bound`; 0 for a bound of 0. A replaced `Math.random` may return anything.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounds are small, and what is none of them is cut to them"
    )]
    fn below(&mut self, bound: u64) -> u64 {
        ((self.next_f64() * bound as f64) as u64).min(bound.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_stays_within_its_bound_for_any_random_number() {
        struct Loaded(f64);
        impl Rng for Loaded {
            fn next_f64(&mut self) -> f64 {
                self.0
            }
        }
        for (rolled, below) in [(0.5, 50), (1.0, 99), (1e300, 99), (f64::INFINITY, 99), (-1.0, 0), (f64::NAN, 0)] {
            assert_eq!(Loaded(rolled).below(100), below);
        }
        assert_eq!(Loaded(0.5).below(0), 0);
    }
}
