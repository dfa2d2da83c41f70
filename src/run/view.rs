//! `view`: the dashboard over a trained network.

use std::sync::Arc;

use super::dashboard::{self, Look};
use super::{Outcome, model};
use crate::cli::View;
use crate::config::settings::cores;
use crate::config::{Config, Settings, read};
use crate::data::{CLASSES, SharedDataset};
use crate::error::{Error, Kind, Result};
use crate::nn::{Init, Optimizer, Shape};
use crate::session::{History, Latest, ModelFile, Pace, Phase, Plan, Snapshot, runs};
use crate::train::evaluate::evaluate;

/// Shows the network. How good it is appears as soon as its data is read, if that is there.
pub fn view(given: &View) -> Result<Outcome> {
    let mut config = read::find(given.config.as_deref())?.config;
    given.display.apply(&mut config);
    let settings = Settings::resolve(&config).map_err(|problem| read::wrong_value(&problem))?;
    let Some(palette) = dashboard::palette(&settings.display) else {
        return Err(Error::new(
            Kind::Usage,
            "standard input and output are not a terminal that can show the dashboard",
        )
        .help("`weightscope eval`, `inspect` and `maps` need no terminal"));
    };
    let (path, file) = model::open(&given.model)?;
    let data = match (&given.data, model::data_of(&path, &file, given.data.as_ref())) {
        (Some(_), Err(error)) => return Err(error),
        (_, data) => data.ok(),
    };
    runs::mark_kept(&path)?;
    let name = data.as_ref().map_or_else(|| "data not found".to_owned(), |data| data.name.clone());
    let snapshot = snapshot(&file, name, data.as_ref().map_or(0, |data| data.test_size));
    let look = Look { palette, display: &settings.display, keys: &settings.keys, note: None };
    let first = snapshot.clone();
    dashboard::view(snapshot, look, move |snapshots: &Latest<Snapshot>, shared: &SharedDataset| {
        let judged = data.and_then(|data| data.load().ok()).and_then(|data| {
            let data = Arc::new(data);
            shared.put(Arc::clone(&data));
            let test = evaluate(&first.model, &data.test, cores()).ok()?;
            let (class_names, name) = (data.class_names.to_vec(), data.name.clone());
            let plan = Plan { class_names, data: name, ..(*first.plan).clone() };
            Some(Snapshot { version: 2, plan: Arc::new(plan), test: Some(Arc::new(test)), ..first })
        });
        if let Some(snapshot) = judged {
            snapshots.publish(snapshot);
        }
    })
}

/// What is known of the network without its data.
fn snapshot(file: &ModelFile, data: String, test_size: usize) -> Snapshot {
    let model = file.model();
    let run = file.checkpoint();
    let widths = model.widths();
    let shape = run.map_or_else(
        || Shape {
            inputs: widths[0],
            hidden: widths[1..widths.len() - 1].to_vec(),
            outputs: widths[widths.len() - 1],
            activation: model.activation,
            init: Init::default(),
        },
        |run| run.shape.clone(),
    );
    let default = Config::default().training;
    let plan = Plan {
        data,
        train_size: run.map_or(0, |run| run.train_size),
        test_size,
        class_names: (0..CLASSES).map(|class| class.to_string()).collect(),
        shape,
        optimizer: run.map_or_else(Optimizer::default, |run| run.optimizer),
        batch_size: run.map_or(default.batch_size, |run| run.batch_size),
        epochs: run.map_or(0, |run| run.epoch),
        seed: run.map_or(default.seed, |run| run.seed),
        threads: 1,
    };
    Snapshot {
        version: 1,
        phase: Phase::Stopped,
        epoch: plan.epochs,
        step: run.map_or(0, |run| run.step),
        epochs: plan.epochs,
        learning_rate: plan.optimizer.learning_rate(),
        pace: Pace::Max,
        steps_per_second_limit: None,
        samples_per_second: None,
        time_left: None,
        model: Arc::new(model.clone()),
        history: Arc::new(History::default()),
        test: None,
        notice: None,
        plan: Arc::new(plan),
    }
}
