//! What threads have had of the processors.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What this thread has had of the processor so far. On a busy machine the clock on the wall would count what others had.
pub fn processor_time() -> Duration {
    read(ClockId::ThreadCPUTime)
}

/// What it has had since [`processor_time`] was `start`.
pub fn processor_time_since(start: Duration) -> Duration {
    processor_time().saturating_sub(start)
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The process is measured anew after this time.
const WINDOW: Duration = Duration::from_millis(500);

/// How many cores the whole process gets.
pub struct Meter {
    since: (Instant, Duration),
    cores: f64,
}

impl Default for Meter {
    fn default() -> Self {
        Self { since: (Instant::now(), read(ClockId::ProcessCPUTime)), cores: 2.0 }
    }
}

impl Meter {
    /// How much longer to rest than where the process has two cores, so that its share of the processors stays the
    /// same: from 1 to 4.
    pub fn stretch(&mut self) -> f64 {
        let (wall, had) = (self.since.0.elapsed(), read(ClockId::ProcessCPUTime));
        if wall >= WINDOW {
            self.cores = had.saturating_sub(self.since.1).as_secs_f64() / wall.as_secs_f64();
            self.since = (Instant::now(), had);
        }
        stretch(self.cores)
    }
}

fn stretch(cores: f64) -> f64 {
    (2.0 / cores).clamp(1.0, 4.0)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "powers of two")]
mod tests {
    use super::*;

    #[test]
    fn the_fewer_cores_the_longer_the_rest() {
        assert_eq!([8.0, 2.0, 1.0, 0.5, 0.125, 0.0].map(stretch), [1.0, 1.0, 2.0, 4.0, 4.0, 4.0]);
        let mut meter = Meter::default();
        assert_eq!(meter.stretch(), 1.0, "before anything was measured");
    }
}
