//! `eval`: how good a model is on the test split.

use std::fmt::Write;

use serde_json::json;

use super::{Outcome, model, output};
use crate::cli::{Eval, Format};
use crate::config::settings::cores;
use crate::error::Result;
use crate::report::grouped;
use crate::session::Evaluation;
use crate::train::evaluate::evaluate;

/// Judges the model and prints loss, accuracy and confusion matrix.
pub fn eval(options: &Eval) -> Result<Outcome> {
    let (path, file) = model::open(&options.model)?;
    let data = model::data_of(&path, &file, options.data.as_ref())?.load()?;
    let test = evaluate(file.model(), &data.test, cores())?;
    output::print(&match options.format {
        Format::Json => json(&test),
        Format::Text => text(&test, &data.name, &data.class_names),
    })
}

fn json(test: &Evaluation) -> String {
    let Evaluation { n, loss, accuracy, confusion } = test;
    let object = json!({"test_size": n, "test_loss": loss, "test_accuracy": accuracy, "confusion": confusion});
    format!("{object}\n")
}

/// Letters of a class name that head its column; ten such columns and the longest name fit 80 characters.
const HEAD: usize = 4;

/// The confusion matrix with a row a label and a column an answer.
fn text(test: &Evaluation, data: &str, names: &[String]) -> String {
    let right: u64 = test.confusion.iter().enumerate().map(|(label, row)| row[label]).sum();
    let mut out = format!(
        "test accuracy {:.4} ({} of {} images of {data})\ntest loss {:.4}\n\nlabel \\ answer\n",
        test.accuracy,
        grouped(right),
        grouped(test.n as u64),
        test.loss
    );
    let name_width = names.iter().map(|n| n.chars().count()).max().unwrap_or(1);
    let largest = test.confusion.iter().flatten().max().map_or(1, |n| n.to_string().len());
    let width = largest.max(name_width.clamp(2, HEAD)) + 2;
    let mut row = |name: &str, cells: &mut dyn Iterator<Item = String>| {
        let _ = write!(out, "{name:>name_width$}");
        for cell in cells {
            let _ = write!(out, "{cell:>width$}");
        }
        out.push('\n');
    };
    row("", &mut names.iter().map(|name| name.chars().take(width - 2).collect()));
    for (name, counts) in names.iter().zip(&test.confusion) {
        row(name, &mut counts.iter().map(u64::to_string));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::known::Set;

    fn evaluation() -> Evaluation {
        Evaluation { n: 1010, loss: 0.5, accuracy: 0.990_099, confusion: vec![vec![1000, 3], vec![7, 0]] }
    }

    #[test]
    fn json_has_the_documented_fields() {
        let value: serde_json::Value = serde_json::from_str(&json(&evaluation())).unwrap();
        assert_eq!(
            value,
            json!({"test_size": 1010, "test_loss": 0.5, "test_accuracy": 0.990_099, "confusion": [[1000, 3], [7, 0]]})
        );
    }

    #[test]
    fn text_is_a_matrix_of_labels_and_answers() {
        let expected = "\
test accuracy 0.9901 (1,000 of 1,010 images of two)
test loss 0.5000

label \\ answer
            zero  Ankl
      zero  1000     3
Ankle boot     7     0
";
        assert_eq!(text(&evaluation(), "two", &["zero".into(), "Ankle boot".into()]), expected);
        let digits = text(&evaluation(), "two", &["0".into(), "1".into()]);
        assert!(digits.ends_with("      0     1\n0  1000     3\n1     7     0\n"), "{digits}");
    }

    #[test]
    fn clothes_can_be_told_apart_by_the_heads_of_their_columns() {
        let names = Set::FashionMnist.class_names();
        let n = names.len();
        let test = Evaluation { n, loss: 0.5, accuracy: 0.5, confusion: vec![vec![1000; n]; n] };
        let table = text(&test, "fashion-mnist", &names);
        let heads: Vec<&str> = table.lines().nth(4).unwrap().split_whitespace().collect();
        assert_eq!(heads, ["T-sh", "Trou", "Pull", "Dres", "Coat", "Sand", "Shir", "Snea", "Bag", "Ankl"]);
        assert!(table.lines().all(|line| line.len() <= 80), "{table}");
    }
}
