//! What a picture means here and how far to trust it, in plain words and measured numbers.

use super::text::{measure, thousands};
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
    /// Mean R² of the maps on screen.
    pub trust: Option<Trust>,
    /// That of the plain maps.
    pub plain: Option<f64>,
    /// Share of the images on which the plain output maps give the network's answer.
    pub agreement: Option<f64>,
}

/// A verdict on an R²: a word, the same with its noun, and what it means for the reader.
fn verdict(r2: f64) -> [&'static str; 3] {
    match r2 {
        0.995.. => ["exact", "exact", "exact, what you see is what it does"],
        0.9.. => ["good", "a good summary", "a good summary, you can read it"],
        0.7.. => ["fair", "a fair summary", "a fair summary of its main shapes"],
        0.3.. => ["poor", "a poor summary", "a poor summary, read it with doubt"],
        _ => ["very poor", "hardly a summary", "hardly a summary, do not rely on it"],
    }
}

impl Subject {
    /// What `app` shows.
    #[must_use]
    pub fn of(app: &App) -> Self {
        Self {
            lens: app.lens,
            over: app.over(),
            centred: app.is_centred(),
            scale: app.scale,
            first: app.layer == 0,
            output: app.is_output(),
            n_maps: app.right_page().map_or(0, |page| page.maps.len()),
            activation: app.plan.shape.activation,
            n_test: app.plan.test_size,
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
        let mut sentences: Vec<String> = [
            (0, 0),
            (1, 0),
            (0, 1),
            (1, 1),
            (2, 1),
            (1, 2),
            (1, 3),
            (2, 2),
            (2, 3),
            (3, 3),
            (2, 4),
            (3, 4),
            (2, 5),
            (3, 5),
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
                Scale::Node | Scale::Percentile => " Each picture has its own grey of 0 (x: one for all).",
            });
            sentences.push(longest);
        }
        sentences.sort_by_key(|text| text.chars().count());
        sentences.dedup();
        sentences
    }

    /// What the picture is, from brief to full; the brief one in 29 columns.
    fn what(self) -> Vec<String> {
        let whose = if self.output { "the digit's score" } else { "the node's sum" };
        let zero = if self.scale == Scale::Symmetric { "mid grey" } else { "the grey of 0" };
        let bright = format!("Lighter than {zero}: ink raises {whose}; darker: lowers it.");
        let texts: Vec<String> = match (self.lens, self.first) {
            (Lens::Plain, true) => vec![
                "The weights themselves.".into(),
                "The weights themselves, one a pixel.".into(),
                format!("plain: the weights themselves, one a pixel. {bright}"),
            ],
            (Lens::Plain, false) => {
                let linear = match self.activation {
                    Activation::Relu => "no ReLU ever cut anything off",
                    Activation::Tanh => "every tanh were a straight line",
                    Activation::Sigmoid => "every sigmoid were a straight line",
                };
                vec![
                    "Weights carried back.".into(),
                    "Weights carried back to the pixels.".into(),
                    format!("Weights carried back. {bright}"),
                    format!("plain: weights carried back to the pixels, as if {linear}. {bright}"),
                ]
            }
            (Lens::Bias, true) => vec![
                "Here the same as plain.".into(),
                "Weights + one constant, the bias: here the same as plain.".into(),
                "weights + bias: the bias is one constant all over the picture, so here it looks the same as plain.".into(),
            ],
            (Lens::Bias, false) => vec![
                "A ghost picture mixed in.".into(),
                "Biases mix one ghost picture into all.".into(),
                "Each bias is added to all its weights: this mixes one ghost picture into every node.".into(),
                "weights + bias: each bias is added to all its weights, as in the article's words. This mixes one ghost \
                 picture into every node, as strong as its bias; the network does not."
                    .into(),
            ],
            (Lens::Article, true) => vec![
                "Here the same as plain.".into(),
                "The article's program: here the same as plain.".into(),
                "article code: weights + bias, scaled to whole numbers 0..255: here the same as plain.".into(),
            ],
            (Lens::Article, false) => vec![
                "For comparison only.".into(),
                "The article's program: for comparison.".into(),
                "article code: the first article's program, where signs are lost. For comparison, not for trust.".into(),
                "article code: the program of the article that this idea comes from. It scales each layer's pictures to 0..255 \
                 before the next weights: signs are lost. For comparison, not for trust."
                    .into(),
            ],
            (Lens::Pattern, _) => vec![
                format!("Input when high{}.", self.of_class()),
                format!("How the input looks when it is high{}.", self.of_class()),
                format!(
                    "response pattern: how the input tends to look when {}{} is high. It follows the images, not the weights.",
                    if self.output { "the output" } else { "the node" },
                    self.of_class()
                ),
            ],
            (Lens::Influence, _) => vec![
                "Plain, times pixel spread.".into(),
                "Plain, times how much each pixel varies.".into(),
                "influence: plain times how much each pixel varies: what never changes fades.".into(),
            ],
            (Lens::Gated, true) => vec![
                "The weights: no gate here.".into(),
                "The first layer has no gates: the weights themselves.".into(),
                format!("gated: no gate lies below the first layer, so these are the weights themselves. {bright}"),
            ],
            (Lens::Gated, false) => self.gated(),
            (Lens::Mean, _) => vec![
                format!("What excites it{}.", self.of_class()),
                format!("Images weighted by its answers{}.", self.of_class()),
                format!(
                    "weighted mean: the images{} by the node's answers to them, less the mean image{}.",
                    self.of_class(),
                    if self.output { ": nearly the class's own mean" } else { "" }
                ),
            ],
            (Lens::Top, _) => vec![
                format!("Its top test image{}.", self.of_class()),
                format!("The test image{} that excites it most.", self.of_class()),
                format!("top image: the test image{} that the node answers most to.", self.of_class()),
            ],
            (Lens::Preferred, _) => vec![
                "Experimental.".into(),
                "Experimental: an image made to please it.".into(),
                "maximisation, experimental: an image changed step by step until it pleases the node.".into(),
                "maximisation, experimental: an image changed step by step until it pleases the node. A well trained network \
                 is pleased by nonsense."
                    .into(),
            ],
        };
        texts
    }

    fn gated(self) -> Vec<String> {
        let slopes = "the network's real slopes";
        match self.over {
            Over::Image(image) => {
                let exact = match self.activation {
                    Activation::Relu => "exact for it",
                    Activation::Tanh | Activation::Sigmoid => "exact for small changes of it",
                };
                vec![
                    format!("Exact for image {image}."),
                    format!("The real slopes at image {image}: {exact}."),
                    format!("gated: {slopes} at test image {image}, {exact} and for no other."),
                ]
            }
            Over::Class(class) => vec![
                format!("Real slopes, class {class}."),
                format!("The real slopes, mean over class {class}."),
                format!("gated: {slopes} by each pixel, mean over the test images of class {class}."),
            ],
            Over::Own if self.output => vec![
                "Real slopes, own class.".into(),
                "The real slopes, over its own class.".into(),
                format!(
                    "gated: {slopes} by each pixel, each output's over its own class: nearer to the class than plain."
                ),
            ],
            Over::Own | Over::All => vec![
                "Real slopes, all images.".into(),
                "The real slopes, mean over all images.".into(),
                format!("gated: {slopes} by each pixel, mean over all images: hardly better than plain."),
            ],
        }
    }

    fn of_class(self) -> String {
        match self.over {
            Over::Class(class) => format!(", class {class}"),
            Over::Own | Over::All | Over::Image(_) => String::new(),
        }
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
        let at = step.map_or_else(String::new, |step| format!(" at step {}", thousands(step)));
        let whom = match (self.output, self.n_maps) {
            (true, 0) => "this output's score".to_owned(),
            (true, _) => "the outputs' scores".to_owned(),
            (false, 0) => "this node's sum".to_owned(),
            (false, n) => format!("these {n} nodes' sums"),
        };
        // No picture of the weights can be right for every image once the nodes below differ from image to image.
        let (share, vary) = (r2 * 100.0, if self.n_maps == 0 { "varies" } else { "vary" });
        let follows_weights = !matches!(self.lens, Lens::Pattern | Lens::Mean);
        let why = if r2 < 0.9 && !self.first && follows_weights && self.activation == Activation::Relu {
            format!("{noun}, as each image switches other nodes on")
        } else {
            advice.to_owned()
        };
        let mut texts = vec![
            format!("R² {value} (n {n}): {word}."),
            format!("R² {value} over {n} images{at}: {noun}."),
            format!("Foretells {share:.0} % of how {whom} {vary} (R² {value}, {n} images{at}): {noun}."),
            format!("Foretells {share:.0} % of how {whom} {vary} (R² {value}, {n} images{at}): {why}."),
            format!("Foretells {share:.0} % of how {whom} {vary} (R² {value}, {images}{at}): {why}."),
        ];
        let full = texts[4].trim_end_matches('.').to_owned();
        texts.push(match (self.lens, self.plain, self.agreement) {
            (Lens::Plain, _, Some(agreement)) if self.output && !self.first => {
                format!("{full}; by these maps alone the answer would be the network's on {:.0} %.", agreement * 100.0)
            }
            (lens, Some(plain), _) if lens != Lens::Plain => format!("{full}; plain has R² {}.", measure(plain, 2)),
            _ => format!("{full}."),
        });
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects() -> impl Iterator<Item = Subject> {
        let mut subjects = Vec::new();
        let trusts = [None, Some(0.08), Some(0.424), Some(0.8), Some(0.93), Some(1.0)];
        for (i, lens) in Lens::ALL.into_iter().cycle().take(9 * 2 * 2 * 4).enumerate() {
            for r2 in trusts {
                for over in [Over::Own, Over::All, Over::Class(7), Over::Image(9_999)] {
                    for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
                        subjects.push(Subject {
                            lens,
                            over,
                            centred: i % 4 > 1,
                            scale: Scale::ALL[i / 36],
                            first: i / 9 % 2 == 0,
                            output: i / 18 % 2 == 0,
                            n_maps: i % 3 * 10,
                            activation,
                            n_test: 10_000,
                            trust: r2.map(|r2| Trust { r2, n: 10_000, step: None }),
                            plain: r2,
                            agreement: r2,
                        });
                    }
                }
            }
        }
        subjects.into_iter()
    }

    #[test]
    fn every_subject_has_a_sentence_for_each_width() {
        for subject in subjects() {
            let sentences = subject.sentences();
            let widths: Vec<_> = sentences.iter().map(|text| text.chars().count()).collect();
            assert!(widths[0] <= 59, "60 columns: {}", sentences[0]);
            let longest = |room: usize| widths.iter().copied().rfind(|width| *width <= room).unwrap();
            assert!(longest(119) > 55, "120 columns: {sentences:?}");
            assert!(longest(199) > 85, "200 columns: {sentences:?}");
            assert!(widths.is_sorted(), "{sentences:?}");
        }
    }

    #[test]
    fn the_number_and_what_it_rests_on_stand_in_every_sentence_of_a_map_that_foretells() {
        for subject in subjects() {
            for sentence in subject.sentences() {
                match subject.trust.filter(|_| subject.lens.foretells()) {
                    Some(Trust { r2, .. }) => {
                        let value = format!("R² {}", measure(r2, 2));
                        assert!(sentence.contains(&value) && sentence.contains("10,000"), "{sentence}");
                    }
                    None => assert!(!sentence.contains("R² ."), "{sentence}"),
                }
                assert!(subject.lens != Lens::Preferred || sentence.contains("xperimental"), "{sentence}");
            }
        }
    }

    #[test]
    fn the_verdict_follows_the_number() {
        for (r2, word) in [(1.0, "exact"), (0.96, "a good"), (0.75, "a fair"), (0.42, "a poor"), (0.1, "hardly")] {
            let subject = Subject {
                lens: Lens::Plain,
                over: Over::Own,
                centred: false,
                scale: Scale::Node,
                first: false,
                output: true,
                n_maps: 10,
                activation: Activation::Relu,
                n_test: 10_000,
                trust: Some(Trust { r2, n: 1_000, step: None }),
                plain: None,
                agreement: Some(0.57),
            };
            let sentences = subject.sentences();
            assert!(sentences.iter().any(|text| text.contains(word)), "{sentences:?}");
            assert!(sentences.iter().any(|text| text.contains("the network's on 57 %")), "{sentences:?}");
        }
    }
}
