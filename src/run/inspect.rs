//! `inspect`: what a model file or a run folder holds.

use std::path::Path;

use serde::Serialize;

use super::{Outcome, model, output};
use crate::cli::{Format, Inspect};
use crate::config::settings::cores;
use crate::error::{Error, Kind, Result, printable};
use crate::report::grouped;
use crate::session::{Evaluation, ModelFile};
use crate::train::evaluate::evaluate;

/// Prints the network and its place in the run; with data also how good it is.
pub fn inspect(options: &Inspect) -> Result<Outcome> {
    let (path, file) = model::open(&options.path)?;
    let test = match &options.data {
        Some(_) => {
            let data = model::data_of(&path, &file, options.data.as_ref())?.load()?;
            Some(evaluate(file.model(), &data.test, cores())?)
        }
        None => None,
    };
    output::print(&match options.format {
        Format::Json => json(&file, test.as_ref())?,
        Format::Text => text(&path, &file, test.as_ref()),
    })
}

/// What is told as JSON; what is not known is null.
#[derive(Serialize)]
struct Facts<'a> {
    layers: Vec<usize>,
    parameters: usize,
    activation: &'static str,
    step: Option<u64>,
    epoch: Option<usize>,
    seed: Option<u64>,
    optimizer: Option<&'static str>,
    learning_rate: Option<f32>,
    batch_size: Option<usize>,
    train_size: Option<usize>,
    data: Option<&'a str>,
    test_accuracy: Option<f64>,
    test_loss: Option<f64>,
}

fn json(file: &ModelFile, test: Option<&Evaluation>) -> Result<String> {
    let (model, run) = (file.model(), file.checkpoint());
    let facts = Facts {
        layers: model.widths(),
        parameters: model.n_parameters(),
        activation: model.activation.name(),
        step: run.map(|c| c.step),
        epoch: run.map(|c| c.epoch),
        seed: run.map(|c| c.seed),
        optimizer: run.map(|c| c.optimizer.name()),
        learning_rate: run.map(|c| c.optimizer.learning_rate()),
        batch_size: run.map(|c| c.batch_size),
        train_size: run.map(|c| c.train_size),
        data: run.map(|c| c.data.as_str()),
        test_accuracy: test.map(|t| t.accuracy),
        test_loss: test.map(|t| t.loss),
    };
    serde_json::to_string(&facts)
        .map(|text| text + "\n")
        .map_err(|e| Error::new(Kind::Bug, format!("cannot write the facts as JSON: {e}")))
}

fn text(path: &Path, file: &ModelFile, test: Option<&Evaluation>) -> String {
    let model = file.model();
    let widths: Vec<_> = model.widths().iter().map(usize::to_string).collect();
    let mut lines = vec![
        printable(&path.display().to_string()),
        format!("layers {}, {}", widths.join("-"), model.activation.name()),
        format!("parameters {}", grouped(model.n_parameters() as u64)),
    ];
    if let Some(run) = file.checkpoint() {
        lines.extend([
            format!("step {}", run.step),
            format!("epoch {}", run.epoch),
            format!("seed {}", run.seed),
            format!("optimizer {}, learning rate {}", run.optimizer.name(), run.optimizer.learning_rate()),
            format!("batches of {}, {} images to train on", run.batch_size, grouped(run.train_size as u64)),
            format!("data {}", printable(&run.data)),
        ]);
    }
    if let Some(test) = test {
        lines.push(format!("test accuracy {:.4}, test loss {:.4}", test.accuracy, test.loss));
    }
    lines.join("\n") + "\n"
}
