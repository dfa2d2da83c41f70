//! No terminal: one line or one JSON object per event.

use std::io::{self, Write};

use crate::session::{Line, Reason};

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Writes the lines of a run to `out`, each at once.
#[derive(Debug)]
pub struct Report<W> {
    out: W,
    format: Format,
}

impl<W: Write> Report<W> {
    /// A report to `out`.
    pub fn new(out: W, format: Format) -> Self {
        Self { out, format }
    }

    /// Writes one line. What has no place in a text, such as the time of the first step, is left out there.
    pub fn line(&mut self, line: &Line) -> io::Result<()> {
        let text = match self.format {
            Format::Json => serde_json::to_string(line)? + "\n",
            Format::Text => text(line),
        };
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

/// The line for people, with its line feed; empty where there is nothing to say.
fn text(line: &Line) -> String {
    match line {
        Line::Start {
            version,
            data,
            train_size,
            test_size,
            layers,
            parameters,
            optimizer,
            learning_rate,
            batch_size,
            seed,
            threads,
        } => {
            let widths: Vec<_> = layers.iter().map(usize::to_string).collect();
            format!(
                "weightscope {version}: {} ({} parameters) on {data}, {} images to train on and {} to test on\n\
                 {optimizer} with learning rate {learning_rate}, batches of {batch_size}, seed {seed}, {}\n\n\
                 epoch      step  train loss   train acc   test loss    test acc   seconds  images/s\n",
                widths.join("-"),
                grouped(*parameters as u64),
                grouped(*train_size as u64),
                grouped(*test_size as u64),
                counted(*threads as u64, "thread"),
            )
        }
        Line::FirstStep { .. } => String::new(),
        Line::Epoch {
            epoch,
            step,
            train_loss,
            train_accuracy,
            test_loss,
            test_accuracy,
            seconds,
            samples_per_second,
        } => {
            format!(
                "{epoch:5}  {step:8}  {:>10}  {:>10}  {test_loss:10.4}  {test_accuracy:10.4}  {:>8}  {:>8}\n",
                known(train_loss.map(|v| format!("{v:.4}"))),
                known(train_accuracy.map(|v| format!("{v:.4}"))),
                known(seconds.map(|v| format!("{v:.2}"))),
                known(samples_per_second.map(|v| grouped(v.round() as u64))),
            )
        }
        Line::Diverged { step, reason } => format!("\ndiverged at step {step}: {reason}\n"),
        Line::Done { reason, epochs, seconds, checkpoint } => {
            let why = match reason {
                Reason::Finished => "finished",
                Reason::Quit => "stopped",
                Reason::Signal => "stopped by a signal",
            };
            let kept = match checkpoint {
                Some(path) => format!("kept in {}", crate::error::printable(&path.display().to_string())),
                None => "nothing was kept".into(),
            };
            format!("\n{why} after {} in {seconds:.1} s; {kept}\n", counted(*epochs as u64, "epoch"))
        }
    }
}

/// What is not known is a dash.
fn known(value: Option<String>) -> String {
    value.unwrap_or_else(|| "-".into())
}

fn counted(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// 535818 as `535,818`.
#[must_use]
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn lines() -> [Line; 5] {
        let epoch = |epoch, train_loss| Line::Epoch {
            epoch,
            step: 469 * epoch as u64,
            train_loss,
            train_accuracy: train_loss.map(|_| 0.93),
            test_loss: 0.1234,
            test_accuracy: 0.9612,
            seconds: train_loss.map(|_| 1.234),
            samples_per_second: train_loss.map(|_| 48_623.4),
        };
        [
            Line::Start {
                version: "0.1.0",
                data: "mnist".into(),
                train_size: 60_000,
                test_size: 10_000,
                layers: vec![784, 512, 256, 10],
                parameters: 535_818,
                optimizer: "rmsprop",
                learning_rate: 0.001,
                batch_size: 128,
                seed: 1,
                threads: 2,
            },
            Line::FirstStep { seconds: 0.25 },
            epoch(0, None),
            epoch(1, Some(0.25)),
            Line::Done { reason: Reason::Finished, epochs: 1, seconds: 2.5, checkpoint: None },
        ]
    }

    fn written(format: Format) -> String {
        let mut out = Vec::new();
        let mut report = Report::new(&mut out, format);
        for line in lines() {
            report.line(&line).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_lines_are_objects_with_numbers_and_nulls() {
        let text = written(Format::Json);
        let objects: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(objects.len(), 5);
        assert_eq!(objects[0]["event"], "start");
        assert_eq!(objects[0]["layers"], json!([784, 512, 256, 10]));
        assert!(text.contains(r#""learning_rate":0.001,"#), "no digits of f64: {text}");
        assert_eq!(objects[1], json!({"event": "first_step", "seconds": 0.25}));
        assert_eq!(objects[2]["train_loss"], Value::Null);
        assert_eq!(objects[3]["train_loss"], json!(0.25));
        assert_eq!(
            objects[4],
            json!({"event": "done", "reason": "finished", "epochs": 1, "seconds": 2.5, "checkpoint": null})
        );
    }

    #[test]
    fn text_is_a_table_under_its_heads() {
        let expected = "\
weightscope 0.1.0: 784-512-256-10 (535,818 parameters) on mnist, 60,000 images to train on and 10,000 to test on
rmsprop with learning rate 0.001, batches of 128, seed 1, 2 threads

epoch      step  train loss   train acc   test loss    test acc   seconds  images/s
    0         0           -           -      0.1234      0.9612         -         -
    1       469      0.2500      0.9300      0.1234      0.9612      1.23    48,623

finished after 1 epoch in 2.5 s; nothing was kept
";
        assert_eq!(written(Format::Text), expected);
    }

    #[test]
    fn digits_are_grouped_by_threes() {
        assert_eq!([0, 999, 1000, 535_818, 1_234_567].map(grouped), ["0", "999", "1,000", "535,818", "1,234,567"]);
    }
}
