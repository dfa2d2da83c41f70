//! The options of `train`, and how they go over what config.ron says.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::builder::{FalseyValueParser, RangedU64ValueParser};
use clap::{Args, ValueEnum};

use super::{Display, Format};
use crate::config::{Config, Out, Word, check};
use crate::data::Source;
use crate::nn::Optimizer;
use crate::session::Pace;
use crate::train::worker::Every;

const ENVIRONMENT: &str = "\
Every option can also be set in the environment: --batch-size as WEIGHTSCOPE_BATCH_SIZE. What is typed here goes before \
the environment, and that before config.ron. WEIGHTSCOPE_MNIST names the folder of MNIST, WEIGHTSCOPE_MIRROR an \
address to download from in place of the sets' own, WEIGHTSCOPE_LOG a file to log to.";

/// Options of `train`. What was not given is `None`.
#[derive(Debug, Clone, Args)]
#[command(args_override_self = true, after_long_help = ENVIRONMENT)]
pub struct Train {
    /// Settings to begin with [default: ./config.ron, then the one in the user config folder]
    #[arg(long, value_name = "FILE", env = "WEIGHTSCOPE_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,

    /// auto, builtin, mnist, fashion-mnist, kmnist, or a folder with the four IDX files
    ///
    /// auto looks for MNIST in `$WEIGHTSCOPE_MNIST`, ./data, ./data/mnist and the user data folder, and takes the built-in
    /// digits when it is in none of them. Nothing is downloaded unless asked for with `weightscope data fetch`.
    #[arg(long, value_name = "SOURCE", env = "WEIGHTSCOPE_DATA", hide_env = true, value_parser = Source::parse, help_heading = "Data")]
    pub data: Option<Source>,
    /// Train on the first N images, in file order
    #[arg(long, value_name = "N", env = "WEIGHTSCOPE_TRAIN_SIZE", hide_env = true, value_parser = ranged::<usize>(&check::TRAIN_SIZE), help_heading = "Data")]
    pub train_size: Option<usize>,

    /// Nodes of the hidden layers, 512,256; none for no hidden layer
    #[arg(long, value_name = "WIDTHS", env = "WEIGHTSCOPE_HIDDEN", hide_env = true, value_parser = parse_hidden, help_heading = "Network and training")]
    pub hidden: Option<Hidden>,
    /// Passes over the training images
    #[arg(long, value_name = "N", env = "WEIGHTSCOPE_EPOCHS", hide_env = true, value_parser = ranged::<usize>(&check::EPOCHS), help_heading = "Network and training")]
    pub epochs: Option<usize>,
    /// Images a training step
    #[arg(long, value_name = "N", env = "WEIGHTSCOPE_BATCH_SIZE", hide_env = true, value_parser = ranged::<usize>(&check::BATCH_SIZE), help_heading = "Network and training")]
    pub batch_size: Option<usize>,
    /// How a gradient changes the weights
    #[arg(long, value_enum, env = "WEIGHTSCOPE_OPTIMIZER", hide_env = true, help_heading = "Network and training")]
    pub optimizer: Option<OptimizerName>,
    /// The optimizer's step size
    #[arg(long, value_name = "X", env = "WEIGHTSCOPE_LEARNING_RATE", hide_env = true, value_parser = parse_rate, help_heading = "Network and training")]
    pub learning_rate: Option<f32>,
    /// Seed of weights and shuffling; the same seed gives the same network
    #[arg(long, value_name = "N", env = "WEIGHTSCOPE_SEED", hide_env = true, help_heading = "Network and training")]
    pub seed: Option<u64>,
    /// Threads that train; the results do not depend on it
    #[arg(long, value_name = "N", env = "WEIGHTSCOPE_THREADS", hide_env = true, value_parser = ranged::<usize>(&check::THREADS), help_heading = "Network and training")]
    pub threads: Option<usize>,
    /// auto, max, or training steps a second
    ///
    /// auto is full speed without a dashboard; with one, the speed at which the run fills about 20 seconds.
    #[arg(long, value_name = "PACE", env = "WEIGHTSCOPE_PACE", hide_env = true, value_parser = Pace::parse, help_heading = "Network and training")]
    pub pace: Option<Pace>,
    /// Instead of a pace: exactly N training steps a frame, whatever the machine, and nothing on screen that depends on it
    #[arg(long, value_name = "N", env = "WEIGHTSCOPE_LOCKSTEP", hide_env = true, value_parser = ranged::<u64>(&check::LOCKSTEP), conflicts_with = "pace", help_heading = "Network and training")]
    pub lockstep: Option<u64>,

    /// Folder to keep the run in; none for nowhere [default: one in the user state folder]
    #[arg(long, value_name = "DIR", env = "WEIGHTSCOPE_OUT", hide_env = true, value_parser = Out::parse, help_heading = "The run")]
    pub out: Option<Out>,
    /// How often to write a checkpoint: 1epoch, 500steps, never
    #[arg(long, value_name = "INTERVAL", env = "WEIGHTSCOPE_CHECKPOINT_EVERY", hide_env = true, value_parser = Every::parse, help_heading = "The run")]
    pub checkpoint_every: Option<Every>,
    /// Go on with a run folder or a checkpoint; without a name, with the newest run in the user state folder
    ///
    /// The settings come from the run. Epochs (a total), learning rate, threads, pace and display may differ.
    #[arg(long, value_name = "DIR|FILE", env = "WEIGHTSCOPE_RESUME", hide_env = true, num_args = 0..=1, help_heading = "The run")]
    pub resume: Option<Option<PathBuf>>,

    /// Write plain lines instead of the dashboard, as where stdout is not a terminal
    #[arg(long, env = "WEIGHTSCOPE_HEADLESS", hide_env = true, value_parser = FalseyValueParser::new(), help_heading = "Display")]
    pub headless: bool,
    /// How to write the plain lines
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        env = "WEIGHTSCOPE_LOG_FORMAT",
        hide_env = true,
        default_value_t,
        help_heading = "Display"
    )]
    pub log_format: Format,
    /// How the dashboard is shown.
    #[command(flatten)]
    pub display: Display,
}

/// Widths of the hidden layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden(pub Vec<usize>);

/// An optimizer by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OptimizerName {
    /// Plain gradient descent.
    Sgd,
    /// Gradient descent with momentum.
    Momentum,
    /// RMSprop.
    Rmsprop,
    /// Adam.
    Adam,
}

impl Train {
    /// Writes what was given over `config`.
    pub fn apply(&self, config: &mut Config) {
        set(&mut config.data.source, self.data.as_ref());
        set_some(&mut config.data.train_size, self.train_size.as_ref());
        set(&mut config.network.hidden, self.hidden.as_ref().map(|Hidden(widths)| widths));
        let training = &mut config.training;
        set(&mut training.epochs, self.epochs.as_ref());
        set(&mut training.batch_size, self.batch_size.as_ref());
        if let Some(name) = self.optimizer {
            training.optimizer = name.over(training.optimizer);
        }
        if let Some(rate) = self.learning_rate {
            set_rate(&mut training.optimizer, rate);
        }
        set(&mut training.seed, self.seed.as_ref());
        set_some(&mut training.threads, self.threads.as_ref());
        set(&mut training.pace, self.pace.or(self.lockstep.map(Pace::Lockstep)).as_ref());
        set(&mut config.run.dir, self.out.as_ref());
        set(&mut config.run.checkpoint_every, self.checkpoint_every.as_ref());
        self.display.apply(config);
    }
}

impl Display {
    /// Writes what was given over `config`.
    pub fn apply(&self, config: &mut Config) {
        set(&mut config.display.color, self.color.as_ref());
        config.display.ascii |= self.ascii;
        set_some(&mut config.display.fps, self.fps.as_ref());
    }
}

impl OptimizerName {
    /// The optimizer of this name: `present` if it is that already, else one with Keras' defaults.
    fn over(self, present: Optimizer) -> Optimizer {
        match (self, present) {
            (Self::Sgd, Optimizer::Sgd { .. })
            | (Self::Momentum, Optimizer::Momentum { .. })
            | (Self::Rmsprop, Optimizer::RmsProp { .. })
            | (Self::Adam, Optimizer::Adam { .. }) => present,
            (Self::Sgd, _) => Optimizer::Sgd { learning_rate: 0.01 },
            (Self::Momentum, _) => Optimizer::Momentum { learning_rate: 0.01, momentum: 0.9 },
            (Self::Rmsprop, _) => Optimizer::RmsProp { learning_rate: 0.001, rho: 0.9, epsilon: 1e-7 },
            (Self::Adam, _) => Optimizer::Adam { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
        }
    }
}

fn set<T: Clone>(target: &mut T, given: Option<&T>) {
    if let Some(value) = given {
        target.clone_from(value);
    }
}

fn set_some<T: Clone>(target: &mut Option<T>, given: Option<&T>) {
    if given.is_some() {
        *target = given.cloned();
    }
}

fn set_rate(optimizer: &mut Optimizer, rate: f32) {
    match optimizer {
        Optimizer::Sgd { learning_rate }
        | Optimizer::Momentum { learning_rate, .. }
        | Optimizer::RmsProp { learning_rate, .. }
        | Optimizer::Adam { learning_rate, .. } => *learning_rate = rate,
    }
}

/// A whole number in `range`.
pub(super) fn ranged<T: TryFrom<u64> + Clone + Send + Sync>(range: &RangeInclusive<u64>) -> RangedU64ValueParser<T> {
    RangedU64ValueParser::new().range(range.clone())
}

fn parse_hidden(text: &str) -> Result<Hidden, String> {
    if text == "none" {
        return Ok(Hidden(Vec::new()));
    }
    let widths: Option<Vec<usize>> = text.split(',').map(|w| w.trim().parse().ok()).collect();
    match widths {
        Some(w) if w.len() <= check::MAX_HIDDEN && w.iter().all(|&n| check::WIDTH.contains(&(n as u64))) => {
            Ok(Hidden(w))
        }
        _ => Err(format!(
            "expected `none`, or at most {} widths with commas between them, each from {} to {}",
            check::MAX_HIDDEN,
            check::WIDTH.start(),
            check::WIDTH.end()
        )),
    }
}

fn parse_rate(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(rate) if rate > 0.0 && rate <= check::MAX_LEARNING_RATE => Ok(rate),
        _ => Err(format!("expected a number above 0, at most {}", check::MAX_LEARNING_RATE)),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn over_defaults(line: &str) -> Config {
        let mut config = Config::default();
        Cli::try_parse_from(line.split_whitespace()).unwrap().train.apply(&mut config);
        config
    }

    #[test]
    fn options_not_given_change_nothing() {
        assert_eq!(over_defaults("weightscope"), Config::default());
    }

    #[test]
    fn every_option_overrides_its_setting() {
        let config = over_defaults(
            "weightscope --data builtin --train-size 500 --hidden 32 --epochs 2 --batch-size 16 --optimizer adam \
             --learning-rate 0.5 --seed 7 --threads 3 --pace 24 --out none --checkpoint-every 10steps --color 16 --ascii --fps 4",
        );
        assert_eq!(config.data.source, Source::Builtin);
        assert_eq!(config.data.train_size, Some(500));
        assert_eq!(config.network.hidden, [32]);
        assert_eq!((config.training.epochs, config.training.batch_size, config.training.seed), (2, 16, 7));
        assert_eq!(config.training.optimizer.name(), "adam");
        assert!((config.training.optimizer.learning_rate() - 0.5).abs() < f32::EPSILON);
        assert_eq!((config.training.threads, config.training.pace), (Some(3), Pace::Steps(24.0)));
        assert_eq!((config.run.dir, config.run.checkpoint_every), (Out::Nowhere, Every::Steps(10)));
        assert_eq!(config.display.color.show(), "16");
        assert!(config.display.ascii);
        assert_eq!(config.display.fps, Some(4));
    }

    #[test]
    fn naming_the_optimizer_of_the_file_keeps_its_settings() {
        let mine = Optimizer::Momentum { learning_rate: 0.2, momentum: 0.5 };
        assert_eq!(OptimizerName::Momentum.over(mine), mine);
        assert_eq!(OptimizerName::Rmsprop.over(mine), Optimizer::default());
    }

    #[test]
    fn hidden_layers_are_widths_or_none() {
        assert_eq!(parse_hidden("512,256"), Ok(Hidden(vec![512, 256])));
        assert_eq!(parse_hidden("none"), Ok(Hidden(Vec::new())));
        for wrong in ["", "0", "512,", "512;256", "-1", "9999999"] {
            assert!(parse_hidden(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn resume_may_stand_alone() {
        let resume = |line: &str| Cli::try_parse_from(line.split_whitespace()).unwrap().train.resume;
        assert_eq!(resume("weightscope"), None);
        assert_eq!(resume("weightscope --resume"), Some(None));
        assert_eq!(resume("weightscope --resume runs/1"), Some(Some("runs/1".into())));
    }
}
