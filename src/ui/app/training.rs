//! What the keys tell the run: pause, step, learning rate, pace, restart, save.

use super::App;
use crate::session::{Control, Pace, Phase, Snapshot};
use crate::ui::keys::Action;

/// What the run was told and its snapshots do not show yet, so that the screen can say so at once and a second press
/// builds on the first.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Wishes {
    /// To pause, or to go on.
    pub pause: Option<bool>,
    /// A learning rate.
    pub learning_rate: Option<f32>,
    /// A pace.
    pub pace: Option<Pace>,
    /// A restart with this seed.
    pub restart: Option<u64>,
}

impl Wishes {
    /// Forgets what `snapshot` shows to be done.
    pub fn forget_granted(&mut self, snapshot: &Snapshot) {
        let waits = !matches!(snapshot.phase, Phase::Loading | Phase::Training | Phase::Evaluating);
        self.pause = self.pause.filter(|pause| *pause != waits);
        self.learning_rate = self.learning_rate.filter(|rate| rate.to_bits() != snapshot.learning_rate.to_bits());
        self.pace = self.pace.filter(|pace| *pace != snapshot.pace);
        self.restart = self.restart.filter(|seed| *seed != snapshot.plan.seed);
    }
}

/// Steps a second between [`Pace::Max`] and standing still.
const SLOWEST: f64 = 0.5;
const FASTEST: f64 = 2000.0;
/// Learning rates that keys can reach.
const RATES: (f64, f64) = (1e-6, 10.0);
/// An unhindered run of [`Pace::Auto`] takes so many seconds.
const AUTO_SECONDS: f64 = 20.0;

impl App {
    /// Whether the run waits for the user, or was told to.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.wishes.pause.unwrap_or_else(|| {
            self.snapshot
                .as_ref()
                .is_some_and(|s| !matches!(s.phase, Phase::Loading | Phase::Training | Phase::Evaluating))
        })
    }

    /// The learning rate as it is, or as it was told to be.
    #[must_use]
    pub fn learning_rate(&self) -> f32 {
        let planned = self.plan.optimizer.learning_rate();
        self.wishes.learning_rate.or_else(|| self.snapshot.as_ref().map(|s| s.learning_rate)).unwrap_or(planned)
    }

    /// The pace as it is, or as it was told to be.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.wishes.pace.or_else(|| self.snapshot.as_ref().map(|s| s.pace)).unwrap_or_default()
    }

    /// Whether training and screen wait for each other.
    #[must_use]
    pub fn is_in_lockstep(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|s| s.pace.is_lockstep())
    }

    /// Whether the run has its data.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|s| s.phase != Phase::Loading)
    }

    /// What an action of the group "Train" tells the run.
    pub(super) fn train(&mut self, action: Action) -> Option<Control> {
        if !self.options.live {
            self.say("a trained network is shown here: nothing trains");
            return None;
        }
        match action {
            Action::Pause => {
                let pause = !self.is_paused();
                self.wishes.pause = Some(pause);
                Some(if pause { Control::Pause } else { Control::Resume })
            }
            Action::StepOnce => {
                self.wishes.pause = Some(true);
                Some(Control::StepOnce)
            }
            Action::RateDown => self.change_rate(-1),
            Action::RateUp => self.change_rate(1),
            Action::PaceDown => self.change_pace(-1),
            Action::PaceUp => self.change_pace(1),
            Action::Restart => Some(self.restart(0)),
            Action::NextSeed => Some(self.restart(1)),
            Action::Save => {
                self.say("saving");
                Some(Control::Save)
            }
            _ => None,
        }
    }

    fn change_rate(&mut self, by: i32) -> Option<Control> {
        let rate = one_two_five(f64::from(self.learning_rate()), by);
        if !(RATES.0..=RATES.1).contains(&rate) {
            self.say("the learning rate goes no further");
            return None;
        }
        let rate = rate as f32;
        self.wishes.learning_rate = Some(rate);
        self.say(format!("learning rate {rate}"));
        Some(Control::SetLearningRate(rate))
    }

    fn change_pace(&mut self, by: i32) -> Option<Control> {
        let pace = match (self.pace(), by > 0) {
            (Pace::Max, true) => {
                self.say("training is as fast as this machine can");
                return None;
            }
            (Pace::Max, false) => Pace::Steps(one_two_five(self.measured_pace().min(FASTEST * 2.0), by)),
            (Pace::Steps(steps), _) => Pace::Steps(one_two_five(steps, by)),
            (Pace::Lockstep(steps), _) => Pace::Lockstep(one_two_five(steps as f64, by).min(1e6) as u64),
            (Pace::Auto, _) => {
                let limit = self.snapshot.as_ref().and_then(|s| s.steps_per_second_limit);
                Pace::Steps(one_two_five(limit.unwrap_or_else(|| self.planned_pace()), by))
            }
        };
        let pace = match pace {
            Pace::Steps(steps) if steps > FASTEST => Pace::Max,
            Pace::Steps(steps) if steps < SLOWEST => {
                self.say("training goes no slower: Space pauses, . makes one step");
                return None;
            }
            Pace::Lockstep(0) => {
                self.say("one step a frame is the least");
                return None;
            }
            pace => pace,
        };
        self.wishes.pace = Some(pace);
        self.say(match pace {
            Pace::Steps(steps) => format!("pace {steps} steps/s"),
            Pace::Lockstep(steps) => format!("lockstep {steps}/frame"),
            _ => "pace max".to_owned(),
        });
        Some(Control::SetPace(pace))
    }

    /// Steps a second lately, or as planned while there is no measurement.
    fn measured_pace(&self) -> f64 {
        let images = self.snapshot.as_ref().and_then(|s| s.samples_per_second);
        images.map_or_else(|| self.planned_pace(), |images| images / self.plan.batch_size.max(1) as f64)
    }

    fn planned_pace(&self) -> f64 {
        (self.plan.steps_per_epoch() * self.plan.epochs as u64) as f64 / AUTO_SECONDS
    }

    fn restart(&mut self, seeds_on: u64) -> Control {
        let seed = self.wishes.restart.unwrap_or(self.plan.seed).wrapping_add(seeds_on);
        self.wishes = Wishes { restart: Some(seed), ..Wishes::default() };
        self.say(format!("a new run with seed {seed}"));
        Control::Restart { seed }
    }
}

/// The next value up or down of … 0.1 0.2 0.5 1 2 5 10 …
fn one_two_five(value: f64, by: i32) -> f64 {
    /// Values this near to one of the row count as it: f32 does not hold 0.001.
    const NEAR: f64 = 1e-4;
    let value = value.max(1e-9);
    let decade = value.log10().floor() as i32;
    let mut row = (decade - 1..=decade + 1).flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| power(digit, decade)));
    if by > 0 {
        row.find(|rung| *rung > value * (1.0 + NEAR)).unwrap_or(value)
    } else {
        row.rfind(|rung| *rung < value * (1.0 - NEAR)).unwrap_or(value)
    }
}

/// `digit` times ten to the power `decade`, as near as f64 comes (5e-4 and not 5.000000000000001e-4).
fn power(digit: f64, decade: i32) -> f64 {
    if decade < 0 { digit / 10f64.powi(-decade) } else { digit * 10f64.powi(decade) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_paces_go_in_steps_of_one_two_five() {
        for (from, up, down) in [
            (0.001, 0.002, 0.0005),
            (f64::from(0.001f32), 0.002, 0.0005),
            (0.002, 0.005, 0.001),
            (0.005, 0.01, 0.002),
            (3.0, 5.0, 2.0),
            (140.7, 200.0, 100.0),
            (1000.0, 2000.0, 500.0),
        ] {
            assert!((one_two_five(from, 1) / up - 1.0).abs() < 1e-12, "{from} up");
            assert!((one_two_five(from, -1) / down - 1.0).abs() < 1e-12, "{from} down");
        }
    }
}
