//! How fast training goes: the limit that it is held to, and the speed that it has.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What a slow step may catch up, so that the rate holds on average without a burst.
const CATCH_UP: Duration = Duration::from_millis(100);
/// Steps a second within which a limit is held.
const SLOWEST: f64 = 1e-3;
const FASTEST: f64 = 1e9;
/// Speed is measured over so long.
const WINDOW: Duration = Duration::from_secs(2);
/// And noted so often.
const RESOLUTION: Duration = Duration::from_millis(20);

/// Holds training to a number of steps a second. Each step has its time, so waiting too long once does not add up.
#[derive(Debug)]
pub struct Pacer {
    /// Between two steps; none without a limit.
    interval: Option<Duration>,
    /// When the next step may begin.
    next: Instant,
}

impl Pacer {
    /// A pacer of `limit` steps a second, whose first step may begin `now`.
    #[must_use]
    pub fn new(limit: Option<f64>, now: Instant) -> Self {
        let interval = limit
            .filter(|limit| *limit > 0.0)
            .map(|limit| Duration::from_secs_f64(1.0 / limit.clamp(SLOWEST, FASTEST)));
        Self { interval, next: now }
    }

    /// Forgets what was missed, as after a pause.
    pub fn restart(&mut self, now: Instant) {
        self.next = now;
    }

    /// How long the next step has to wait still.
    #[must_use]
    pub fn wait(&self, now: Instant) -> Duration {
        if self.interval.is_some() { self.next.saturating_duration_since(now) } else { Duration::ZERO }
    }

    /// A step begins.
    pub fn begin(&mut self, now: Instant) {
        if let Some(interval) = self.interval {
            self.next = self.next.max(now.checked_sub(CATCH_UP).unwrap_or(now)) + interval;
        }
    }
}

/// Images a second over the last two seconds of training.
#[derive(Debug, Default)]
pub struct Speed {
    spent: Duration,
    images: u64,
    /// (`spent`, `images`) at moments since a little before the window's begin.
    marks: VecDeque<(Duration, u64)>,
}

impl Speed {
    /// Notes that `images` took so long, waiting for the pacer included.
    pub fn add(&mut self, took: Duration, images: u64) {
        if self.marks.back().is_none_or(|(spent, _)| self.spent.saturating_sub(*spent) >= RESOLUTION) {
            self.marks.push_back((self.spent, self.images));
        }
        self.spent += took;
        self.images += images;
        while self.marks.get(1).is_some_and(|(spent, _)| self.spent.saturating_sub(*spent) >= WINDOW) {
            self.marks.pop_front();
        }
    }

    /// Images a second; `None` before there is a measurement.
    #[must_use]
    pub fn images_per_second(&self) -> Option<f64> {
        let (spent, images) = self.marks.front()?;
        let seconds = self.spent.saturating_sub(*spent).as_secs_f64();
        (seconds > 0.0).then(|| (self.images - images) as f64 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// The times at which `n` steps begin, each taking `takes` and each wait lasting `late` too long.
    fn begins(pacer: &mut Pacer, start: Instant, n: usize, takes: Duration, late: Duration) -> Vec<Duration> {
        let mut now = start;
        let mut begins = Vec::new();
        for _ in 0..n {
            let wait = pacer.wait(now);
            now += if wait.is_zero() { wait } else { wait + late };
            pacer.begin(now);
            begins.push(now - start);
            now += takes;
        }
        begins
    }

    #[test]
    fn holds_the_rate_although_every_sleep_is_too_long() {
        let start = Instant::now();
        let mut pacer = Pacer::new(Some(100.0), start);
        let begins = begins(&mut pacer, start, 1_001, ms(2), ms(1));
        assert!(begins[1_000] >= ms(10_000) && begins[1_000] <= ms(10_001), "{:?}", begins[1_000]);
    }

    #[test]
    fn does_not_burst_after_a_pause() {
        let start = Instant::now();
        let mut pacer = Pacer::new(Some(100.0), start);
        pacer.begin(start);
        let later = start + Duration::from_secs(60);
        pacer.restart(later);
        pacer.begin(later);
        assert_eq!(pacer.wait(later), ms(10));
    }

    #[test]
    fn one_slow_step_is_caught_up_only_in_part() {
        let start = Instant::now();
        let mut pacer = Pacer::new(Some(100.0), start);
        pacer.begin(start);
        let late = start + Duration::from_secs(5);
        let begins = begins(&mut pacer, late, 100, Duration::ZERO, Duration::ZERO);
        assert_eq!(begins.iter().filter(|b| b.is_zero()).count(), 11);
        assert_eq!(begins[99], ms(10 * (99 - 10)));
    }

    #[test]
    fn without_a_limit_never_waits() {
        let now = Instant::now();
        let mut pacer = Pacer::new(None, now);
        pacer.begin(now);
        assert_eq!(pacer.wait(now), Duration::ZERO);
    }

    #[test]
    fn speed_follows_the_last_two_seconds() {
        let mut speed = Speed::default();
        assert_eq!(speed.images_per_second(), None);
        for _ in 0..100 {
            speed.add(ms(100), 10);
        }
        assert_eq!(speed.images_per_second(), Some(100.0));
        for _ in 0..25 {
            speed.add(ms(100), 30);
        }
        assert_eq!(speed.images_per_second(), Some(300.0));
        // Steps slower than the window are measured all the same.
        for _ in 0..3 {
            speed.add(Duration::from_secs(10), 50);
        }
        assert_eq!(speed.images_per_second(), Some(5.0));
    }

    proptest! {
        #[test]
        fn no_limit_makes_it_panic(limit in any::<f64>(), takes in 0_u64..1_000) {
            let start = Instant::now();
            let mut pacer = Pacer::new(Some(limit), start);
            pacer.begin(start);
            prop_assert!(pacer.wait(start + ms(takes)) <= Duration::MAX);
        }

        #[test]
        fn never_faster_than_the_limit(limit in 0.5_f64..2_000.0, takes in prop::collection::vec(0_u64..300, 1..200)) {
            let start = Instant::now();
            let mut pacer = Pacer::new(Some(limit), start);
            let mut now = start;
            for (n, &takes) in takes.iter().enumerate() {
                now += pacer.wait(now);
                pacer.begin(now);
                let allowed = (now - start).as_secs_f64() * limit + 1.0;
                prop_assert!(n as f64 + 1.0 <= allowed + 1e-3, "step {n} after {:?}", now - start);
                now += ms(takes);
            }
        }
    }
}
