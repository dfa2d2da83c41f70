//! What a picture means here and how far to trust it, in plain words and measured numbers.

#[cfg(test)]
mod tests;
mod what;

use super::text::{measure, rows, thousands};
use crate::lens::{Lens, Over, Scale};
use crate::nn::Activation;
use crate::ui::app::App;
use crate::ui::app::trust::Trust;

/// What is looked at, as far as it changes what the picture means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subject {
    /// Through which lens.
    pub lens: Lens,
    /// Over which images.
    pub over: Over,
    /// Outputs less their mean.
    pub centred: bool,
    /// On which scale.
    pub scale: Scale,
    /// The layer sees the pixels themselves.
    pub first: bool,
    /// The layer is the last one.
    pub output: bool,
    /// Maps on screen; one of them alone is a node that is inspected.
    pub n_maps: usize,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// Test images that there are.
    pub n_test: usize,
    /// The maps on screen are the most faithful ones of so many.
    pub best_of: Option<usize>,
    /// What stands beside the maps.
    pub beside: Beside,
    /// Mean R² of the maps on screen.
    pub trust: Option<Trust>,
    /// That of the plain maps.
    pub plain: Option<f64>,
    /// Share of the images on which the plain output maps give the network's answer.
    pub agreement: Option<f64>,
}

/// What the maps must be told from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// They stand alone.
    Nothing,
    /// To their right stands something of which the sentence does not speak: a picked image or a difference.
    Other,
}

/// From this R² on a picture is a fair summary.
const FAIR: f64 = 0.7;

/// A verdict on an R² in a word or two.
#[must_use]
pub fn word(r2: f64) -> &'static str {
    verdict(r2)[0]
}

/// A verdict on an R²: a word, the same with its noun, and what it means for the reader.
fn verdict(r2: f64) -> [&'static str; 3] {
    match r2 {
        0.995.. => ["exact", "exact", "exact wherever there is ink"],
        0.9.. => ["good", "a good summary", "a good summary, you can read it"],
        FAIR.. => ["fair", "a fair summary", "a fair summary of its main shapes"],
        0.3.. => ["poor", "a poor summary", "a poor summary, read it with doubt"],
        _ => ["very poor", "hardly a summary", "hardly a summary, do not rely on it"],
    }
}

impl Subject {
    /// What `app` shows.
    #[must_use]
    pub fn of(app: &App) -> Self {
        let n_maps = app.right_page().map_or(0, |page| page.maps.len());
        Self {
            lens: app.lens,
            over: app.over(),
            centred: app.is_centred(),
            scale: app.scale,
            first: app.layer == 0,
            output: app.is_output(),
            n_maps,
            activation: app.plan.shape.activation,
            n_test: app.plan.test_size,
            best_of: (app.lens == Lens::Plain && app.is_by_faithfulness())
                .then(|| app.shown().len())
                .filter(|all| app.place() < n_maps && n_maps < *all),
            beside: Beside::Nothing,
            trust: app.trust(),
            plain: app.plain_r2(),
            agreement: app.fresh_study().and_then(|study| study.agreement),
        }
    }

    /// One sentence or two that say what the picture means here and how far to trust it, from brief to full: the
    /// longest that fits is shown.
    #[must_use]
    pub fn sentences(self) -> Vec<String> {
        let (what, trust) = (self.what(), self.trusted());
        let level = |texts: &[String], level: usize| texts[level.min(texts.len() - 1)].clone();
        // What is too brief for light and dark goes with the briefest numbers only.
        let mut sentences: Vec<String> = [
            (0, 0),
            (1, 0),
            (0, 1),
            (1, 1),
            (2, 0),
            (2, 1),
            (2, 2),
            (2, 3),
            (2, 4),
            (2, 5),
            (3, 4),
            (3, 5),
            (3, 7),
            (4, 6),
            (4, 7),
        ]
        .into_iter()
        .map(|(w, t)| format!("{} {}", level(&what, w), level(&trust, t)).trim().to_owned())
        .collect();
        let mut longest = sentences.last().cloned().unwrap_or_default();
        if self.centred {
            longest.push_str(" Centred: less the mean of all outputs.");
            sentences.push(longest.clone());
        }
        if self.lens.foretells() {
            longest.push_str(match self.scale {
                Scale::Symmetric | Scale::Layer => " All pictures have the same grey of 0.",
                Scale::Node | Scale::Percentile => " Each picture has a 0 of its own (x: one for all).",
            });
            sentences.push(longest);
        }
        sentences.sort_by_key(|text| text.chars().count());
        sentences.dedup();
        sentences
    }

    /// How far to trust it, from brief to full; the brief one in 29 columns.
    fn trusted(self) -> Vec<String> {
        if !self.lens.foretells() {
            let what = if self.lens == Lens::Top { "One example, not a rule" } else { "Trust it least" };
            return vec![
                "An image: no R².".into(),
                format!("{what}; an image has no R²."),
                format!("{what}; an image foretells no other, so it has no R²."),
            ];
        }
        let Some(Trust { r2, n, step }) = self.trust else {
            return vec!["R² not known.".into(), "How far to trust it is not known yet.".into()];
        };
        let [word, noun, advice] = verdict(r2);
        let (value, n, n_test) = (measure(r2, 2), thousands(n as u64), thousands(self.n_test as u64));
        let images = if n == n_test { format!("all {n} test images") } else { format!("{n} of {n_test} test images") };
        let good = if r2 < 0.9 { ", good from .9" } else { "" };
        let at = step.map_or_else(String::new, |step| format!(" at step {}", thousands(step)));
        let whom = match (self.output, self.n_maps) {
            (true, 0) => "its score".to_owned(),
            (true, _) => "the scores".to_owned(),
            (false, 0) => "its sum".to_owned(),
            (false, n) => match self.best_of {
                Some(all) => format!("the sums of the best {n} of {all} nodes"),
                None => format!("these {n} nodes' sums"),
            },
        };
        let (share, vary) = (r2 * 100.0, if self.n_maps == 0 { "varies" } else { "vary" });
        let foretells = if self.beside == Beside::Other { "The left maps foretell" } else { "Foretells" };
        let whole = format!("{foretells} {share:.0} % of how {whom} {vary}");
        let why = self.why(r2).map_or_else(|| advice.to_owned(), |why| format!("{noun}, {why}"));
        let mut texts = vec![
            format!("R² {value} (n {n}): {word}."),
            format!("R² {value} over {n} images{at}: {noun}."),
            format!("{foretells} {share:.0} % (R² {value}, {n} images{at}): {noun}."),
            format!("{whole} (R² {value}, {n} images{at}): {noun}."),
            format!("{whole} (R² {value}, {n} images{at}): {why}."),
            format!("{whole} (R² {value}{good}, {n} images{at}): {why}."),
            format!("{whole} (R² {value}{good}, {images}{at}): {why}."),
        ];
        let full = texts[6].trim_end_matches('.').to_owned();
        texts.push(match (self.lens, self.plain, self.agreement) {
            (Lens::Plain, _, Some(agreement)) if self.output && !self.first => {
                format!("{full}; by these maps alone the answer would be the network's on {:.0} %.", agreement * 100.0)
            }
            (lens, Some(plain), _) if lens != Lens::Plain => format!("{full}; plain has R² {}.", measure(plain, 2)),
            _ => format!("{full}."),
        });
        texts
    }

    /// Why a picture foretells no more than it does, where that is known.
    fn why(self, r2: f64) -> Option<String> {
        let is_relu = self.activation == Activation::Relu;
        if r2 >= 0.9 || self.first {
            let misses = r2 < 0.995 && self.lens == Lens::Plain && is_relu && !self.first;
            return misses.then(|| "leaving out that nodes go on and off".to_owned());
        }
        let why = match self.lens {
            Lens::Pattern | Lens::Mean => "it shows images, not the network",
            Lens::Bias => "a bias is no weight",
            Lens::Article => "plus and minus are lost",
            Lens::Gated if matches!(self.over, Over::Image(_)) => {
                return Some(
                    if is_relu { "yet exact for this one image" } else { "yet exact for its small changes" }.into(),
                );
            }
            Lens::Gated => "each image has its own map",
            // No picture of the weights can be right for every image once the nodes below differ from image to image.
            _ if is_relu => "each image has its own nodes on",
            _ => return None,
        };
        Some(format!("{} {why}", if r2 >= FAIR { "though" } else { "as" }))
    }
}

/// The longest of `sentences` that fits into `height` rows of `width` columns, else the briefest.
#[must_use]
pub fn longest(sentences: &[String], width: u16, height: u16) -> Option<&String> {
    sentences.iter().rfind(|text| rows(text, width) <= height).or(sentences.first())
}
