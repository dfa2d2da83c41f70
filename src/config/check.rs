//! The range of every number in config.ron and on the command line, and what a network may cost.

use std::ops::RangeInclusive;

use super::{Config, Out, Word};
use crate::data::{CLASSES, PIXELS, Source};
use crate::nn::Optimizer;
use crate::session::Pace;
use crate::train::worker::Every;
use crate::ui::keys::KeyMap;

/// Images to train on.
pub const TRAIN_SIZE: RangeInclusive<u64> = 1..=10_000_000;
/// Nodes of one hidden layer.
pub const WIDTH: RangeInclusive<u64> = 1..=100_000;
/// Hidden layers.
pub const MAX_HIDDEN: usize = 32;
/// Passes over the training images.
pub const EPOCHS: RangeInclusive<u64> = 1..=1_000_000;
/// Images a step.
pub const BATCH_SIZE: RangeInclusive<u64> = 1..=65_536;
/// Highest step size; the lowest is anything above zero.
pub const MAX_LEARNING_RATE: f32 = 1e6;
/// Threads that train.
pub const THREADS: RangeInclusive<u64> = 1..=1024;
/// Steps a frame.
pub const LOCKSTEP: RangeInclusive<u64> = 1..=1_000_000;
/// Checkpoints that are kept: with fewer than two, a damaged one could be the only one.
pub const KEEP: RangeInclusive<u64> = 2..=1_000_000;
/// Frames a second.
pub const FPS: RangeInclusive<u64> = 1..=60;
/// Kilobytes a second for pictures.
pub const MAX_RATE: RangeInclusive<u64> = 1..=1_000_000;
/// Pixels along one side of a map.
pub const MAP_SIZES: [usize; 4] = [14, 20, 24, 28];
/// Bytes that training may take: beyond this the numbers are more likely a slip than a wish.
pub const MAX_MEMORY: u64 = 4_000_000_000;

/// A value that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the key: `training.batch_size`.
    pub key: String,
    /// The value found, or another sentence about it.
    pub what: String,
    /// What to do, where it is more than to keep to what is [`allowed`].
    pub help: Option<String>,
}

impl Problem {
    fn new(key: impl Into<String>, what: impl Into<String>) -> Self {
        Self { key: key.into(), what: what.into(), help: None }
    }

    /// The last part of the key: `batch_size`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.key.rsplit('.').next().unwrap_or(&self.key)
    }
}

/// What the key at `path` may be, for messages; `None` for a section or an unknown key.
#[must_use]
pub fn allowed(path: &str) -> Option<String> {
    let whole = |range: &RangeInclusive<u64>| format!("a whole number from {} to {}", range.start(), range.end());
    Some(match path {
        "data.source" => Source::ALLOWED.into(),
        "data.train_size" => format!("{}, or None for all", whole(&TRAIN_SIZE)),
        "network.hidden" => format!("a list of at most {MAX_HIDDEN} widths, each {}", whole(&WIDTH)),
        "network.activation" => "Relu, Tanh or Sigmoid".into(),
        "network.init" => "GlorotUniform or HeNormal".into(),
        "training.epochs" => whole(&EPOCHS),
        "training.batch_size" => whole(&BATCH_SIZE),
        "training.optimizer" => "Sgd, Momentum, RmsProp or Adam, with (learning_rate: 0.001)".into(),
        "training.optimizer.learning_rate" => format!("a number above 0, at most {MAX_LEARNING_RATE}"),
        "training.optimizer.momentum"
        | "training.optimizer.rho"
        | "training.optimizer.beta1"
        | "training.optimizer.beta2" => "a number from 0 to below 1".into(),
        "training.optimizer.epsilon" => "a number above 0, at most 1".into(),
        "training.seed" => format!("a whole number from 0 to {}", u64::MAX),
        "training.threads" => format!("{}, or None for one a core", whole(&THREADS)),
        "training.pace" => Pace::ALLOWED.into(),
        "run.dir" => Out::ALLOWED.into(),
        "run.checkpoint_every" => Every::ALLOWED.into(),
        "run.keep" => whole(&KEEP),
        "display.color" => super::Colors::ALLOWED.into(),
        "display.ascii" | "display.mouse" => "true or false".into(),
        "display.fps" => format!("{}, or None for what suits the link", whole(&FPS)),
        "display.max_rate" => format!("{} (KB a second), or None for what suits the link", whole(&MAX_RATE)),
        "display.lens" => "Plain, Bias, Article, Pattern, Influence, Gated, Mean, Top or Preferred".into(),
        "display.scale" => "Node, Layer, Symmetric or Percentile".into(),
        "display.map_size" => "28, 24, 20 or 14, or None for what fits".into(),
        _ if path.starts_with("keys.") => "a key such as \"q\" or \"ctrl-c\", or a list of them".into(),
        _ => return None,
    })
}

/// The first value that is out of its range.
pub fn check(config: &Config) -> Result<(), Problem> {
    let in_range = |key: &str, value: Option<u64>, range: &RangeInclusive<u64>| match value {
        Some(value) if !range.contains(&value) => Err(Problem::new(key, format!("{value} is out of range"))),
        _ => Ok(()),
    };
    let Config { data, network, training, run, display, .. } = config;
    in_range("data.train_size", data.train_size.map(|n| n as u64), &TRAIN_SIZE)?;
    if network.hidden.len() > MAX_HIDDEN {
        let what = format!("{} hidden layers are too many", network.hidden.len());
        return Err(Problem::new("network.hidden", what));
    }
    for &width in &network.hidden {
        in_range("network.hidden", Some(width as u64), &WIDTH)?;
    }
    in_range("training.epochs", Some(training.epochs as u64), &EPOCHS)?;
    in_range("training.batch_size", Some(training.batch_size as u64), &BATCH_SIZE)?;
    check_optimizer(&training.optimizer)?;
    in_range("training.threads", training.threads.map(|n| n as u64), &THREADS)?;
    in_range("run.keep", Some(run.keep as u64), &KEEP)?;
    in_range("display.fps", display.fps.map(u64::from), &FPS)?;
    in_range("display.max_rate", display.max_rate.map(u64::from), &MAX_RATE)?;
    if let Some(size) = display.map_size
        && !MAP_SIZES.contains(&size)
    {
        return Err(Problem::new("display.map_size", format!("{size} is not a size of maps")));
    }
    check_memory(config)?;
    keys(config).map(drop)
}

/// The keys of the dashboard: the table's, changed by `config`.
pub fn keys(config: &Config) -> Result<KeyMap, Problem> {
    let changed = config.keys.iter().map(|(action, chords)| (action.clone(), chords.to_vec())).collect();
    KeyMap::from_config(&changed).map_err(|error| {
        let what = error.to_string();
        // The error names the action; of two that share a key, either will do.
        let action = config.keys.keys().find(|action| what.contains(&format!("`{action}`")));
        let key = action.map_or_else(|| "keys".to_owned(), |action| format!("keys.{action}"));
        Problem { key, what, help: error.remedy().map(str::to_owned) }
    })
}

fn check_optimizer(optimizer: &Optimizer) -> Result<(), Problem> {
    let below_one = |v: f32| (0.0..1.0).contains(&v);
    let small = |v: f32| v > 0.0 && v <= 1.0;
    let mut values = vec![(
        "learning_rate",
        optimizer.learning_rate(),
        optimizer.learning_rate() > 0.0 && optimizer.learning_rate() <= MAX_LEARNING_RATE,
    )];
    match *optimizer {
        Optimizer::Sgd { .. } => {}
        Optimizer::Momentum { momentum, .. } => values.push(("momentum", momentum, below_one(momentum))),
        Optimizer::RmsProp { rho, epsilon, .. } => {
            values.extend([("rho", rho, below_one(rho)), ("epsilon", epsilon, small(epsilon))]);
        }
        Optimizer::Adam { beta1, beta2, epsilon, .. } => values.extend([
            ("beta1", beta1, below_one(beta1)),
            ("beta2", beta2, below_one(beta2)),
            ("epsilon", epsilon, small(epsilon)),
        ]),
    }
    match values.iter().find(|(.., right)| !right) {
        Some((key, value, _)) => {
            Err(Problem::new(format!("training.optimizer.{key}"), format!("{value} is out of range")))
        }
        None => Ok(()),
    }
}

/// What training takes, to the first order: weights, gradient, two snapshots and the optimizer's slots, and the
/// activations of one batch with their gradients.
#[must_use]
pub fn memory(config: &Config) -> u64 {
    let mut widths = vec![PIXELS as u64];
    widths.extend(config.network.hidden.iter().map(|&w| w as u64));
    widths.push(CLASSES as u64);
    let parameters: u64 = parameters(&widths);
    let slots = match config.training.optimizer {
        Optimizer::Sgd { .. } => 0,
        Optimizer::Momentum { .. } | Optimizer::RmsProp { .. } => 1,
        Optimizer::Adam { .. } => 2,
    };
    let floats = u128::from(parameters) * (4 + slots)
        + 2 * widths.iter().map(|&w| u128::from(w)).sum::<u128>() * config.training.batch_size as u128;
    u64::try_from(floats * 4).unwrap_or(u64::MAX)
}

fn parameters(widths: &[u64]) -> u64 {
    widths.windows(2).fold(0, |sum: u64, w| sum.saturating_add(w[0].saturating_mul(w[1]).saturating_add(w[1])))
}

fn check_memory(config: &Config) -> Result<(), Problem> {
    let needed = memory(config);
    if needed <= MAX_MEMORY {
        return Ok(());
    }
    let gb = |bytes: u64| bytes as f64 / 1e9;
    let what = format!(
        "{:?} would take {:.1} GB of memory to train with batches of {}, more than the {:.1} GB that are allowed",
        config.network.hidden,
        gb(needed),
        config.training.batch_size,
        gb(MAX_MEMORY)
    );
    Err(Problem { help: Some("make the layers narrower".into()), ..Problem::new("network.hidden", what) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(edit: impl FnOnce(&mut Config)) -> Option<String> {
        let mut config = Config::default();
        edit(&mut config);
        check(&config).err().map(|p| {
            assert!(allowed(&p.key).is_some(), "no allowed range for {}", p.key);
            format!("{}: {}", p.key, p.what)
        })
    }

    #[test]
    fn the_defaults_are_in_range() {
        assert_eq!(problem(|_| ()), None);
    }

    #[test]
    fn names_the_key_that_is_out_of_range() {
        let found = problem(|c| c.training.batch_size = 0);
        assert_eq!(found.as_deref(), Some("training.batch_size: 0 is out of range"));
        let found = problem(|c| c.training.optimizer = Optimizer::Sgd { learning_rate: f32::NAN });
        assert_eq!(found.as_deref(), Some("training.optimizer.learning_rate: NaN is out of range"));
        let found = problem(|c| c.training.optimizer = Optimizer::Momentum { learning_rate: 0.1, momentum: 1.0 });
        assert_eq!(found.as_deref(), Some("training.optimizer.momentum: 1 is out of range"));
        assert!(problem(|c| c.network.hidden = vec![16; 33]).is_some());
        assert!(problem(|c| c.network.hidden = vec![64, 0]).is_some());
        assert!(problem(|c| c.display.map_size = Some(27)).is_some());
        assert!(problem(|c| c.run.keep = 1).is_some());
        assert_eq!(problem(|c| c.network.hidden = Vec::new()), None);
        assert_eq!(problem(|c| c.network.hidden = vec![2000]), None);
    }

    #[test]
    fn refuses_what_no_machine_should_be_asked_for() {
        // 784·50000 + 50000 + 50000·50000 + 50000 + 50000·10 + 10 = 2,539,800,010 parameters.
        assert_eq!(parameters(&[784, 50_000, 50_000, 10]), 2_539_800_010);
        let found = problem(|c| c.network.hidden = vec![50_000, 50_000]).unwrap();
        // RMSprop: 5 floats a parameter = 50.8 GB, and 0.1 GB of activations.
        assert!(found.starts_with("network.hidden: [50000, 50000] would take 50.9 GB"), "{found}");
        assert!(problem(|c| c.network.hidden = vec![100_000; 32]).is_some());
    }
}
