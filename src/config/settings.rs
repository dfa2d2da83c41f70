//! The settings of a run, after everything was checked: no room has to doubt them again.

use std::num::NonZero;
use std::thread::available_parallelism;

use super::check::{self, Problem};
use super::{Config, Display, Run};
use crate::data::{CLASSES, PIXELS, Source};
use crate::nn::Shape;
use crate::session::Pace;
use crate::train;
use crate::ui::keys::KeyMap;

/// Everything that a run needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where the images come from.
    pub source: Source,
    /// What is trained, and how.
    pub train: train::Options,
    /// How fast training may go.
    pub pace: Pace,
    /// Where the run is kept.
    pub run: Run,
    /// How it is shown.
    pub display: Display,
    /// The keys of the dashboard.
    pub keys: KeyMap,
}

impl Settings {
    /// The settings that `config` means; the first value out of its range is the error.
    pub fn resolve(config: &Config) -> Result<Self, Problem> {
        check::check(config)?;
        let keys = check::keys(config)?;
        let Config { data, network, training, run, display, .. } = config.clone();
        let shape = Shape {
            inputs: PIXELS,
            hidden: network.hidden,
            outputs: CLASSES,
            activation: network.activation,
            init: network.init,
        };
        let train = train::Options {
            shape,
            optimizer: training.optimizer,
            batch_size: training.batch_size,
            epochs: training.epochs,
            seed: training.seed,
            threads: training.threads.unwrap_or_else(cores),
            train_size: data.train_size,
        };
        Ok(Self { source: data.source, train, pace: training.pace, run, display, keys })
    }
}

/// Threads that this process may run at once.
#[must_use]
pub fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_article() {
        let settings = Settings::resolve(&Config::default()).unwrap();
        assert_eq!(settings.train.shape.widths(), [784, 512, 256, 10]);
        assert_eq!(settings.train.shape.n_parameters(), 535_818);
        assert_eq!((settings.train.epochs, settings.train.batch_size), (6, 128));
        assert_eq!(settings.train.optimizer.name(), "rmsprop");
        assert!(settings.train.threads >= 1);
    }

    #[test]
    fn a_value_out_of_range_does_not_become_a_setting() {
        let mut config = Config::default();
        config.training.threads = Some(0);
        assert_eq!(Settings::resolve(&config).unwrap_err().key, "training.threads");
    }
}
