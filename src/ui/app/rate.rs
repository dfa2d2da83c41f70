//! How much is sent to the terminal, on request.

use std::collections::VecDeque;
use std::time::Duration;

use super::App;

/// The time that is looked back on.
const LOOK_BACK: Duration = Duration::from_secs(3);
/// How often the number is made anew.
const REFRESH: Duration = Duration::from_secs(1);
/// Below this many bytes a second no number is shown: it would change by being sent.
const LITTLE: f64 = 1000.0;

/// What was written lately, and the line that says so.
#[derive(Debug, Clone, Default)]
pub struct Rate {
    /// When a frame was written, and its bytes.
    written: VecDeque<(Duration, usize)>,
    /// The line, and when it was made; nothing while nobody wants to see it.
    shown: Option<(String, Duration)>,
}

impl Rate {
    /// `14.2 KB/s, 5 frames/s`, once it was asked for.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.shown.as_ref().map(|(text, _)| text.as_str())
    }

    fn forget_before(&mut self, now: Duration) {
        while self.written.front().is_some_and(|(at, _)| *at + LOOK_BACK <= now) {
            self.written.pop_front();
        }
    }

    fn measure(&self) -> String {
        let seconds = LOOK_BACK.as_secs_f64();
        let bytes = self.written.iter().map(|(_, bytes)| *bytes as f64).sum::<f64>() / seconds;
        if bytes < LITTLE {
            return "under 1 KB/s".to_owned();
        }
        format!("{:.1} KB/s, {:.0} frames/s", bytes / 1000.0, self.written.len() as f64 / seconds)
    }

    /// Makes the line anew if it is time; says whether it changed.
    pub(super) fn tick(&mut self, now: Duration) -> bool {
        self.forget_before(now);
        let text = self.measure();
        let Some((shown, made)) = self.shown.as_mut().filter(|(_, made)| now >= *made + REFRESH) else { return false };
        *made = now;
        let changed = *shown != text;
        *shown = text;
        changed
    }

    /// How long until [`Self::tick`] may have something to do.
    pub(super) fn next_tick(&self, now: Duration) -> Option<Duration> {
        let (_, made) = self.shown.as_ref().filter(|_| !self.written.is_empty())?;
        Some((*made + REFRESH).saturating_sub(now))
    }
}

impl App {
    /// Takes note of a frame that was written.
    pub fn wrote(&mut self, bytes: usize) {
        self.rate.forget_before(self.now);
        self.rate.written.push_back((self.now, bytes));
    }

    /// Shows how much is sent, or no longer. In lockstep nothing on screen may hang on a clock.
    pub(super) fn show_rate(&mut self) {
        if self.is_in_lockstep() {
            self.say("no rates in lockstep: the screen shows nothing that hangs on a clock");
            return;
        }
        self.rate.shown = match self.rate.shown {
            Some(_) => None,
            None => Some((self.rate.measure(), self.now)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn says_bytes_and_frames_a_second_and_comes_to_rest() {
        let mut rate = Rate { shown: Some((String::new(), at(0))), ..Rate::default() };
        for frame in 0..15 {
            rate.written.push_back((at(frame * 200), 3000));
        }
        assert!(!rate.tick(at(900)), "once a second");
        assert!(rate.tick(at(2950)));
        assert_eq!(rate.text(), Some("15.0 KB/s, 5 frames/s"));
        assert_eq!(rate.next_tick(at(3000)), Some(at(950)));
        // What is left is what the line itself takes, and that is not worth a line.
        rate.written.push_back((at(5900), 60));
        assert!(rate.tick(at(6000)));
        assert_eq!(rate.text(), Some("under 1 KB/s"));
        rate.written.push_back((at(6010), 60));
        assert!(!rate.tick(at(7100)) && !rate.tick(at(9500)), "nothing more is sent");
        assert_eq!(rate.next_tick(at(9500)), None);
    }
}
