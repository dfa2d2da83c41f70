//! What `inspect` finds, for people.

use std::fmt::Write;
use std::path::Path;

use crate::data::Dataset;
use crate::error::printable;
use crate::lens::numbers::Numbers;
use crate::report::grouped;
use crate::session::{Evaluation, ModelFile};

/// The network, its place in the run, and how good it is on a dataset.
pub fn network(path: &Path, file: &ModelFile, test: Option<(&Dataset, &Evaluation)>) -> String {
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
    if let Some((data, test)) = test {
        let (n, name) = (grouped(test.n as u64), printable(&data.name));
        lines.push(format!("test accuracy {:.4}, test loss {:.4} ({n} images of {name})", test.accuracy, test.loss));
    }
    lines.join("\n") + "\n"
}

/// How far its plain maps can be trusted, with a word on each number. What is not known is a dash.
pub fn numbers(numbers: &Numbers, data: Option<&Dataset>) -> String {
    let mut out = String::from("layer  nodes  structure  faithfulness  dead  rare  always on\n");
    for layer in &numbers.per_layer {
        let [dead, rare, always_on] = [layer.dead, layer.rare, layer.always_on].map(count);
        let _ = writeln!(
            out,
            "{:>5}  {:>5}  {:>9}  {:>12}  {dead:>4}  {rare:>4}  {always_on:>9}",
            layer.layer,
            layer.nodes,
            share(layer.structure),
            share(layer.faithfulness_mean),
        );
    }
    let name = |digit: usize| {
        let class = data.and_then(|data| data.class_names.get(digit));
        class.map_or_else(|| digit.to_string(), |name| printable(name))
    };
    let names: Vec<String> = numbers.outputs.iter().map(|output| name(output.digit)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(6);
    let heads = "faithfulness  template match  best template  plain vs bias";
    let _ = write!(out, "\n{:<width$}  {heads}\n", "output");
    for (output, name) in numbers.outputs.iter().zip(&names) {
        let best = output.best_template.map_or_else(dash, |class| names.get(class).cloned().unwrap_or_else(dash));
        let _ = writeln!(
            out,
            "{name:<width$}  {:>12}  {:>14}  {best:>13}  {:>13}",
            share(output.faithfulness),
            share(output.template_match),
            share(output.plain_vs_bias),
        );
    }
    let whole = [
        ("agreement", numbers.agreement, "images where the output maps alone give the network's own answer"),
        ("template match", numbers.template_match, "mean correlation of an output's map with its class's mean image"),
        ("edge share", numbers.edge_share, "part of the output maps on pixels that hardly any image inks"),
    ];
    out.push('\n');
    for (name, value, meaning) in whole {
        let _ = writeln!(out, "{name:<14}  {:>5}  {meaning}", share(value));
    }
    out.push_str(WORDS);
    out
}

/// What the columns say.
const WORDS: &str = "
faithfulness    R2: how much of what a node adds up its map foretells; 1 is all of it
structure       0: the map looks like noise; 1: like one smooth shape
dead, rare      nodes that fire on none and on fewer than 1 % of the test images
plain vs bias   correlation of the map with the one that also multiplies the biases
";

fn dash() -> String {
    "-".into()
}

fn share(value: Option<f64>) -> String {
    value.filter(|value| !value.is_nan()).map_or_else(dash, |value| format!("{value:.3}"))
}

fn count(value: Option<usize>) -> String {
    value.map_or_else(dash, |value| grouped(value as u64))
}
