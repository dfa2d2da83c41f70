//! How many bytes may be written now: a token bucket.

use std::time::{Duration, Instant};

/// Fills at `rate` bytes a second up to `most` bytes, and may be overdrawn by one second's worth.
#[derive(Debug)]
pub struct Budget {
    rate: f64,
    most: f64,
    bytes: f64,
    filled_at: Instant,
}

impl Budget {
    /// A full bucket that holds what flows in within `burst`.
    #[must_use]
    pub fn new(rate: u32, burst: Duration, now: Instant) -> Self {
        let rate = f64::from(rate.max(1));
        let most = rate * burst.as_secs_f64();
        Self { rate, most, bytes: most, filled_at: now }
    }

    /// Bytes that may be written now; negative after more was written than the rate allows.
    pub fn available(&mut self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.filled_at = self.filled_at.max(now);
        self.bytes = (self.bytes + self.rate * passed).min(self.most);
        self.bytes
    }

    /// Notes that `bytes` were written. Text is written whether it fits or not, and pictures pay for it later, but
    /// never for longer than a second.
    pub fn spend(&mut self, bytes: usize) {
        self.bytes = (self.bytes - bytes as f64).max(-self.rate);
    }

    /// Whether it was left alone for a while.
    #[must_use]
    pub fn is_half_full(&self) -> bool {
        self.bytes >= self.most / 2.0
    }

    /// How long until it is full.
    #[must_use]
    pub fn full_in(&self) -> Duration {
        Duration::from_secs_f64(((self.most - self.bytes) / self.rate).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_at_its_rate_and_is_overdrawn_by_a_second_at_most() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let near = |a: f64, b: f64| (a - b).abs() < 1.0;
        let mut budget = Budget::new(1000, Duration::from_millis(900), start);
        assert!(near(budget.available(at(5000)), 900.0));
        budget.spend(400);
        assert!(near(budget.available(at(5100)), 600.0));
        budget.spend(10_000);
        assert!(near(budget.available(at(5100)), -1000.0));
        assert!(!budget.is_half_full());
        assert_eq!(budget.full_in().as_millis(), 1900);
        assert!(near(budget.available(at(6600)), 500.0));
    }
}
