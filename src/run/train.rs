//! `train`: from what the user asked for to a job for the training thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::dashboard::{self, Look};
use super::resume::Earlier;
use super::{Outcome, headless, output};
use crate::cli::Train;
use crate::config::check::Problem;
use crate::config::read::{self, Found};
use crate::config::{Config, Out, Settings};
use crate::data::Source;
use crate::data::source::{self, Located, Places};
use crate::error::Result;
use crate::session::{Plan, RunFolder, runs};
use crate::train::worker::{Job, Resume};

/// Trains a network, in the dashboard or with plain lines.
pub fn train(given: &Train, started: Instant) -> Result<Outcome> {
    let (settings, config, mut job) = prepare(given, started)?;
    let note = job.notice.take();
    if let Some(palette) = dashboard::palette(&settings.display).filter(|_| !given.headless) {
        job.watched = true;
        let look = Look { palette, display: &settings.display, keys: &settings.keys, note };
        return dashboard::train(job, look, |dir| again(&config, dir));
    }
    if let Some(note) = note {
        output::note(&note);
    }
    headless::train(job, given.log_format.into())
}

/// Checks everything that can be checked before the training begins, and takes the run folder.
fn prepare(given: &Train, started: Instant) -> Result<(Settings, Config, Job)> {
    let earlier = given.resume.as_ref().map(|named| Earlier::open(named.as_deref())).transpose()?;
    let found = if let Some(earlier) = &earlier {
        earlier.settings(given)?
    } else {
        let mut found = read::find(given.config.as_deref())?;
        given.apply(&mut found.config);
        found
    };
    assemble(found, earlier, given.train_size.is_some(), started)
}

/// The run of `config` once more, from its beginning, on the set in `dir`.
fn again(config: &Config, dir: &Path) -> Result<Job> {
    let mut config = config.clone();
    let size = source::locate(&config.data.source, &Places::of_process()).map(|located| located.train_size).ok();
    config.data.train_size = config.data.train_size.filter(|wanted| Some(*wanted) != size);
    config.data.source = Source::Folder(dir.into());
    if let Out::Folder(old) = &config.run.dir {
        let name = |n: u32| format!("{}-mnist{}", old.display(), if n > 1 { format!("-{n}") } else { String::new() });
        let free = (1..1000).map(|n| PathBuf::from(name(n))).find(|dir| dir.symlink_metadata().is_err());
        config.run.dir = Out::Folder(free.unwrap_or_else(|| name(1).into()));
    }
    let (_, _, mut job) = assemble(Found { config, file: None }, None, false, Instant::now())?;
    job.watched = true;
    Ok(job)
}

/// The job that `found` asks for, with everything checked; `is_typed`: the number of images comes from the command line.
fn assemble(
    mut found: Found,
    earlier: Option<Earlier>,
    is_typed: bool,
    started: Instant,
) -> Result<(Settings, Config, Job)> {
    let settings = Settings::resolve(&found.config).map_err(|problem| read::wrong_value(&problem))?;
    let located = source::locate(&settings.source, &Places::of_process())?;
    let train_size = train_size(&found, &located, is_typed)?;
    if let Some(earlier) = &earlier {
        earlier.check_data(&located, train_size)?;
    }
    found.config.data.source = located.source.parse()?;
    found.config.data.train_size = Some(train_size);
    let (folder, resume) = keep(&found.config, &settings, earlier)?;
    let job = Job {
        plan: plan(&settings, &located, train_size),
        options: settings.train.clone(),
        source: located.source.clone(),
        pace: settings.pace,
        watched: false,
        start_paused: false,
        resume,
        folder,
        checkpoint_every: settings.run.checkpoint_every,
        notice: located.note(),
        on_line: Box::new(|_| ()),
        started,
        load: Box::new(move || located.load().map(Arc::new)),
    };
    Ok((settings, found.config, job))
}

/// How many images to train on. More than there are is an error, at its place in the file unless it was typed.
fn train_size(found: &Found, located: &Located, is_typed: bool) -> Result<usize> {
    match found.config.data.train_size {
        Some(wanted) if wanted > located.train_size => {
            let what = format!("{wanted} images are more than {} has", located.name);
            let problem = Problem {
                key: "data.train_size".into(),
                what,
                help: Some(format!("expected a whole number from 1 to {}, or None for all", located.train_size)),
            };
            Err(if is_typed { read::wrong_value(&problem) } else { found.error(&problem) })
        }
        Some(wanted) => Ok(wanted),
        None => Ok(located.train_size),
    }
}

/// The folder that keeps the run, and where in it the run goes on.
fn keep(config: &Config, settings: &Settings, earlier: Option<Earlier>) -> Result<(Option<RunFolder>, Option<Resume>)> {
    let text = read::print(config)?;
    let keep = settings.run.keep;
    if let Some(dir) = earlier.as_ref().and_then(|earlier| earlier.dir.as_ref()) {
        let (folder, resumed) = RunFolder::resume(dir, keep)?;
        folder.write_config(&text)?;
        return Ok((Some(folder), Some(Resume::from(resumed))));
    }
    let folder = match &settings.run.dir {
        Out::Nowhere => None,
        Out::Folder(dir) => Some(RunFolder::create(dir, keep, &text)?),
        Out::Auto => Some(runs::create(&runs::default_folder()?, keep, &text)?),
    };
    Ok((folder, earlier.map(|earlier| Resume::from(earlier.checkpoint))))
}

fn plan(settings: &Settings, located: &Located, train_size: usize) -> Plan {
    Plan {
        data: located.name.clone(),
        train_size,
        test_size: located.test_size,
        // The data knows better names, once it is read.
        class_names: (0..settings.train.shape.outputs).map(|class| class.to_string()).collect(),
        shape: settings.train.shape.clone(),
        optimizer: settings.train.optimizer,
        batch_size: settings.train.batch_size,
        epochs: settings.train.epochs,
        seed: settings.train.seed,
        threads: settings.train.threads,
    }
}
