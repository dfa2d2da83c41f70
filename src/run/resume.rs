//! `--resume`: the settings of a run that goes on.

use std::path::{Path, PathBuf};

use super::output;
use crate::cli::Train;
use crate::config::read::{self, Found};
use crate::config::{Config, Word};
use crate::data::source::Located;
use crate::data::{CLASSES, PIXELS};
use crate::error::{Error, Kind, Result};
use crate::nn::{Optimizer, Shape};
use crate::session::{Checkpoint, run_folder, runs};

/// A run that is to go on.
#[derive(Debug)]
pub struct Earlier {
    /// Its run folder, if it goes on in it; a single file goes on elsewhere.
    pub dir: Option<PathBuf>,
    /// Its newest whole checkpoint, or the one that was named.
    pub checkpoint: Checkpoint,
    /// Its settings.
    settings: Config,
}

impl Earlier {
    /// Opens what `--resume` names; nothing = the newest run in the user state folder.
    pub fn open(named: Option<&Path>) -> Result<Self> {
        let newest;
        let path = if let Some(path) = named {
            path
        } else {
            newest = runs::newest(&runs::default_folder()?)?;
            output::note(&format!("going on with {}", newest.display()));
            &newest
        };
        if path.is_file() {
            let checkpoint = Checkpoint::load(path)?;
            let settings = settings(Config::default(), &checkpoint)?;
            return Ok(Self { dir: None, checkpoint, settings });
        }
        let newest = run_folder::newest_checkpoint(path)?;
        for damaged in &newest.passed_over {
            output::note(&format!("passed over {damaged}"));
        }
        let text = run_folder::read_config(path)?;
        let config = read::parse(&text).map_err(|error| error.at(path.join("config.ron")).as_kind(Kind::Model))?;
        let settings = settings(config, &newest.checkpoint)?;
        Ok(Self { dir: Some(path.into()), checkpoint: newest.checkpoint, settings })
    }

    /// The settings to go on with: the run's, with what was given now written over them.
    ///
    /// # Errors
    /// [`Kind::Model`], naming both values, if what was given would make another run of it.
    pub fn settings(&self, given: &Train) -> Result<Found> {
        let mut found = match &given.config {
            // What the file leaves as it is by default, it leaves as it is in the run.
            Some(path) => {
                let mut found = read::load(path)?;
                let default = Config::default();
                if found.config.data == default.data {
                    found.config.data = self.settings.data.clone();
                }
                found
            }
            None => Found { config: self.settings.clone(), file: None },
        };
        given.apply(&mut found.config);
        if let (Some(dir), Some(out)) = (&self.dir, &given.out)
            && out.show() != dir.display().to_string()
        {
            let what = format!("--out {}: a run that is resumed goes on in its own folder", out.show());
            return Err(Error::new(Kind::Usage, what).at(dir).help("leave out --out, or resume a single checkpoint"));
        }
        self.check(&found.config)?;
        Ok(found)
    }

    /// Whether `config` is of the same run.
    fn check(&self, config: &Config) -> Result<()> {
        let ours = &self.settings;
        let same = |name: &str, in_run: String, here: String| {
            if in_run == here { Ok(()) } else { Err(self.differs(name, &in_run, &here)) }
        };
        let widths = |config: &Config| format!("{:?}", config.network.hidden);
        same("hidden", widths(ours), widths(config))?;
        let activation = |config: &Config| config.network.activation.name().to_owned();
        same("activation", activation(ours), activation(config))?;
        same("batch_size", ours.training.batch_size.to_string(), config.training.batch_size.to_string())?;
        same("seed", ours.training.seed.to_string(), config.training.seed.to_string())?;
        same("optimizer", ours.training.optimizer.name().into(), config.training.optimizer.name().into())?;
        same("optimizer", rule(ours.training.optimizer), rule(config.training.optimizer))?;
        Ok(())
    }

    /// Whether `data` and `train_size` are those of the run.
    pub fn check_data(&self, data: &Located, train_size: usize) -> Result<()> {
        if data.source != self.checkpoint.data {
            return Err(self.differs("data", &self.checkpoint.data, &data.source));
        }
        if train_size != self.checkpoint.train_size {
            let in_run = self.checkpoint.train_size.to_string();
            return Err(self.differs("train_size", &in_run, &train_size.to_string()));
        }
        Ok(())
    }

    fn differs(&self, name: &str, in_run: &str, here: &str) -> Error {
        let error = Error::new(Kind::Model, format!("{name} is {in_run} in the run, {here} here"))
            .help("only epochs, learning rate, threads, pace and display can change in a run: leave it as it is, or start a new run");
        match &self.dir {
            Some(dir) => error.at(dir),
            None => error,
        }
    }
}

/// `config` with what `checkpoint` knows better.
fn settings(mut config: Config, checkpoint: &Checkpoint) -> Result<Config> {
    let Shape { inputs, hidden, outputs, activation, init } = &checkpoint.shape;
    if (*inputs, *outputs) != (PIXELS, CLASSES) {
        let what = format!("a network from {inputs} inputs to {outputs} outputs does not fit images");
        return Err(Error::new(Kind::Model, what));
    }
    config.network.hidden.clone_from(hidden);
    config.network.activation = *activation;
    config.network.init = *init;
    config.training.optimizer = checkpoint.optimizer;
    config.training.batch_size = checkpoint.batch_size;
    config.training.seed = checkpoint.seed;
    config.data.train_size = Some(checkpoint.train_size);
    config.data.source = checkpoint.data.parse()?;
    Ok(config)
}

/// The optimizer as config.ron has it; the step size may differ within a run, so it is always 1 here.
fn rule(optimizer: Optimizer) -> String {
    ron::to_string(&optimizer.with_learning_rate(1.0)).unwrap_or_default()
}
