//! `inspect`: what a model file or a run folder holds.

mod text;

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::{Outcome, model, output};
use crate::cli::{Format, Inspect};
use crate::config::settings::cores;
use crate::data::Dataset;
use crate::error::{Error, Kind, Result};
use crate::lens::held_out::HeldOut;
use crate::lens::numbers::Numbers;
use crate::session::{Evaluation, ModelFile};
use crate::train::evaluate::evaluate;

/// Prints the network and its place in the run; with data also how good it is, and how far its maps can be trusted.
pub fn inspect(options: &Inspect) -> Result<Outcome> {
    let (path, file) = model::open(&options.path)?;
    let data = data(&path, &file, options)?;
    let test = data.as_ref().map(|data| evaluate(file.model(), &data.test, cores())).transpose()?;
    let held_out = data.as_ref().map(|data| Arc::new(HeldOut::new(Arc::clone(data))));
    let numbers = Numbers::of(&Arc::new(file.model().clone()), held_out)?;
    output::print(&match options.format {
        Format::Json => json(&file, test.as_ref(), numbers)?,
        Format::Text => {
            let test = data.as_deref().zip(test.as_ref());
            text::network(&path, &file, test) + "\n" + &text::numbers(&numbers, data.as_deref())
        }
    })
}

/// The images asked for. Nobody who asked for none is denied the rest because those of the file are not there.
fn data(path: &Path, file: &ModelFile, options: &Inspect) -> Result<Option<Arc<Dataset>>> {
    let found = model::data_of(path, file, options.data.as_ref()).and_then(|located| located.load());
    match found {
        Ok(data) => Ok(Some(Arc::new(data))),
        Err(error) if options.data.is_some() => Err(error),
        Err(error) => {
            output::note(&format!("judged on no images: {error}"));
            Ok(None)
        }
    }
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
    test_size: Option<usize>,
    test_accuracy: Option<f64>,
    test_loss: Option<f64>,
    #[serde(flatten)]
    numbers: Numbers,
}

fn json(file: &ModelFile, test: Option<&Evaluation>, numbers: Numbers) -> Result<String> {
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
        test_size: test.map(|t| t.n),
        test_accuracy: test.map(|t| t.accuracy),
        test_loss: test.map(|t| t.loss),
        numbers,
    };
    serde_json::to_string(&facts)
        .map(|text| text + "\n")
        .map_err(|e| Error::new(Kind::Bug, format!("cannot write the facts as JSON: {e}")))
}
