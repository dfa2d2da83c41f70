//! What a picture means and how far to trust it, in plain words.

use crate::lens::{Lens, Scale};
use crate::nn::Activation;

/// The lens's name on screen.
#[must_use]
pub fn lens_name(lens: Lens) -> &'static str {
    match lens {
        Lens::Plain => "plain",
        Lens::Bias => "weights + bias",
        Lens::Article => "article code",
        Lens::Pattern => "response pattern",
        Lens::Influence => "influence",
        Lens::Gated => "gated",
        Lens::Mean => "weighted mean",
        Lens::Top => "top image",
        Lens::Preferred => "maximisation",
    }
}

/// The scale's name on screen.
#[must_use]
pub fn scale_name(scale: Scale) -> &'static str {
    match scale {
        Scale::Node => "per node",
        Scale::Layer => "per layer",
        Scale::Symmetric => "symmetric",
        Scale::Percentile => "1..99 %",
    }
}

/// The lens's formula on a layer (index from 0): `W₁·W₂`.
#[must_use]
pub fn formula(lens: Lens, layer: usize, ascii: bool) -> String {
    let n = |layer: usize| -> String {
        let digits = (layer + 1).to_string();
        if ascii { digits } else { digits.chars().map(subscript).collect() }
    };
    let dots = if ascii { ".." } else { "···" };
    let dot = if ascii { "." } else { "·" };
    let product = |factor: &dyn Fn(usize) -> String| match layer {
        0..3 => (0..=layer).map(factor).collect::<Vec<_>>().join(dot),
        _ => format!("{}{dots}{}", factor(0), factor(layer)),
    };
    match (lens, layer) {
        (Lens::Plain, _) => product(&|l| format!("W{}", n(l))),
        (Lens::Bias, 0) => format!("W{0}+b{0}", n(0)),
        (Lens::Bias, 1) => format!("(W{0}+b{0})(W{1}+b{1})", n(0), n(1)),
        (Lens::Bias, _) => format!("(W{0}+b{0}){dots}(W{1}+b{1})", n(0), n(layer)),
        (Lens::Article, 0) => format!("N(W{0}+b{0})", n(0)),
        (Lens::Article, _) => format!("N({dots}(W{0}+b{0}))", n(layer)),
        (Lens::Pattern, _) => "cov(x,z)/var(z)".into(),
        (Lens::Influence, _) => format!("{}{dot}sd(x)", product(&|l| format!("W{}", n(l)))),
        (Lens::Gated, 0) => format!("W{}", n(0)),
        (Lens::Gated, _) => "mean dz/dx".into(),
        (Lens::Mean, _) => "mean of x by answer".into(),
        (Lens::Top, _) => "the x of highest z".into(),
        (Lens::Preferred, _) => "an x for high z".into(),
    }
}

fn subscript(digit: char) -> char {
    digit.to_digit(10).and_then(|d| char::from_u32(0x2080 + d)).unwrap_or(digit)
}

/// What is to be seen on the screen, for the help: terms and their meaning.
pub const GUIDE: &[(&str, &str)] = &[
    ("a map", "the 28x28 picture that a node looks for; under it the node's"),
    ("", "number and the values that black and white stand for"),
    ("lens plain", "weights multiplied back to the pixels: the article's idea"),
    ("weights + bias", "the same, each bias added to all weights of its node"),
    ("article code", "the article's program: whole numbers 0..255 in between"),
    ("response pattern", "what the input tends to look like when the node is high"),
    ("influence", "plain, times how much each pixel varies over the images"),
    ("gated", "the slope of the node's sum by each pixel, mean over images"),
    ("weighted mean", "the images by the node's answers, less the mean image"),
    ("top image", "the test image that the node answers most to"),
    ("maximisation", "experimental: an image made to please the node"),
    ("scale per node", "black is the node's lowest value, white its highest"),
    ("per layer", "the same black and white for all nodes of the layer"),
    ("symmetric", "mid grey is zero; brighter raises the node, darker lowers it"),
    ("1..99 %", "each node without its most extreme pixels, one in 100 an end"),
    ("bias, offset", "what the node adds by itself; with the biases below it"),
    ("0 Data", "what it learns from: images by class, and who inks what"),
    ("how often, who", "part of a class with ink there; its part of all with ink"),
    ("train, test", "the batches lately; images that are never trained on"),
];

/// What is looked at, as far as it changes what the picture means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// Through which lens.
    pub lens: Lens,
    /// On which scale.
    pub scale: Scale,
    /// The layer sees the pixels themselves.
    pub first: bool,
    /// The layer is the last one.
    pub output: bool,
    /// Activation of the hidden layers.
    pub activation: Activation,
}

impl Subject {
    /// One sentence or two that say what the picture means here and how far to trust it, from brief to full: the
    /// longest that fits is shown.
    #[must_use]
    pub fn sentences(self) -> Vec<String> {
        let mut sentences: Vec<String> = match (self.lens, self.first) {
            (Lens::Plain, true) => self.plain_first(),
            (Lens::Plain, false) => self.plain_deep(),
            (Lens::Bias, true) => vec![
                "Weights + bias: scaled per node, the same as plain.".into(),
                "Weights + the node's bias, one constant: scaled per node, the same as plain.".into(),
                "weights + bias: the bias is one constant over the whole picture, so a scale per node hides it: the \
                 same as plain."
                    .into(),
            ],
            (Lens::Bias, false) => vec![
                "Biases added in: mixes one ghost picture into all.".into(),
                "Biases added to all weights: mixes one ghost picture into every node.".into(),
                "weights + bias: each bias added to all its weights. Mixes one ghost picture into every node; not what it computes."
                    .into(),
                "weights + bias: each bias is added to every weight of its node, as the article's words have it. This \
                 mixes one ghost picture into every node, as strong as its bias; the network does otherwise."
                    .into(),
            ],
            (Lens::Article, true) => vec![
                "The article's program: scaled per node, same as plain.".into(),
                "The article's program: on this layer, scaled per node, the same as plain.".into(),
                "article code: weights + bias, scaled to whole numbers 0..255. Here, scaled per node, the same as plain."
                    .into(),
            ],
            (Lens::Article, false) => vec![
                "The article's program, cut to 0..255: no signs left.".into(),
                "The article's program: pictures cut to 0..255, then multiplied on. No signs.".into(),
                "article code: each layer's pictures are cut to 0..255 before the next product. Signs and sizes are \
                 lost on the way."
                    .into(),
                "article code: each layer's pictures are scaled to whole numbers 0..255, and those are multiplied on, \
                 as in the article's program. Signs and sizes are lost on the way: for comparison, not for trust."
                    .into(),
            ],
            (Lens::Pattern, _) => vec![
                "What the input tends to look like when it is high.".into(),
                "response pattern: what the input tends to look like when the node is high.".into(),
            ],
            (Lens::Influence, _) => vec![
                "Weights carried back, times how much each pixel varies.".into(),
                "influence: the plain map, times how much each pixel varies over the images.".into(),
            ],
            (Lens::Gated, _) => vec![
                "The network's own slope, averaged over images.".into(),
                "gated: how the node's sum really changes with each pixel, mean over images.".into(),
            ],
            (Lens::Mean, _) => vec![
                "Mean of the images, weighted by its answer.".into(),
                "weighted mean: the images by the node's answers to them, less the mean image.".into(),
            ],
            (Lens::Top, _) => vec![
                "The test image that it answers most to.".into(),
                "top image: the test image that the node answers most to; one of many.".into(),
            ],
            (Lens::Preferred, _) => vec![
                "Experimental: an image made to please the node.".into(),
                "maximisation: an image made to please the node. Experimental: trust it least.".into(),
            ],
        };
        let zero = match self.scale {
            Scale::Symmetric => " Mid grey is 0.",
            Scale::Node | Scale::Layer | Scale::Percentile => " Mid grey is not 0.",
        };
        let longest = sentences.last().map(|text| format!("{text}{zero}"));
        sentences.extend(longest);
        sentences
    }

    fn plain_first(self) -> Vec<String> {
        let whose = if self.output { "the digit" } else { "the node" };
        vec![
            "Its own weights. Bright: ink raises it. Exact.".into(),
            format!("Its own weights. Bright: ink raises {whose}; dark: ink lowers it. Exact."),
            format!(
                "plain: the weights themselves. Bright: ink here raises {whose}; dark: ink lowers it. Exact, bias aside."
            ),
            format!(
                "plain: the weights themselves, one a pixel. Bright: ink here raises {whose}; dark: ink here lowers it. \
                 Exact: {whose} sees nothing else but its bias."
            ),
        ]
    }

    fn plain_deep(self) -> Vec<String> {
        let linear = match self.activation {
            Activation::Relu => "no ReLU ever cut anything off",
            Activation::Tanh => "every tanh were a straight line",
            Activation::Sigmoid => "every sigmoid were a straight line",
        };
        let how = format!("plain: weights carried back to the pixels, as if {linear}.");
        if self.output {
            vec![
                "Carried back to the pixels: fair early, poorer later.".into(),
                "Weights carried back to the pixels: fair early on, poorer as it learns.".into(),
                format!("{how} Fair early, poorer as it learns."),
                format!("{how} Bright: ink here raises the digit. Fair early on, poorer the more it learns."),
            ]
        } else {
            vec![
                "Carried back to the pixels as if all were linear.".into(),
                "Weights carried back to the pixels as if all were linear: a summary.".into(),
                format!("{how} A summary; poorer as it learns."),
                format!(
                    "{how} Bright: ink here raises the node, dark: ink lowers it. A summary, and a poorer one the more \
                     the network learns."
                ),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects() -> impl Iterator<Item = Subject> {
        [false, true].into_iter().flat_map(|first| {
            [false, true].into_iter().flat_map(move |output| {
                Lens::ALL.into_iter().flat_map(move |lens| {
                    Scale::ALL.into_iter().flat_map(move |scale| {
                        [Activation::Relu, Activation::Tanh, Activation::Sigmoid].map(|activation| Subject {
                            lens,
                            scale,
                            first,
                            output,
                            activation,
                        })
                    })
                })
            })
        })
    }

    #[test]
    fn every_subject_has_a_sentence_for_each_width() {
        for subject in subjects() {
            let sentences = subject.sentences();
            let widths: Vec<_> = sentences.iter().map(|text| text.chars().count()).collect();
            assert!(widths[0] <= 59, "60 columns: {}", sentences[0]);
            assert!(widths[1] <= 79, "80 columns: {}", sentences[1]);
            assert!(widths[2] <= 119, "120 columns: {} {}", widths[2], sentences[2]);
            assert!(widths.is_sorted(), "{sentences:?}");
            assert!(widths[widths.len() - 2] <= 199, "200 columns: {sentences:?}");
        }
    }

    #[test]
    fn formulas_follow_the_depth() {
        assert_eq!(formula(Lens::Plain, 0, false), "W₁");
        assert_eq!(formula(Lens::Plain, 2, false), "W₁·W₂·W₃");
        assert_eq!(formula(Lens::Plain, 4, true), "W1..W5");
        assert_eq!(formula(Lens::Bias, 1, false), "(W₁+b₁)(W₂+b₂)");
        assert_eq!(formula(Lens::Article, 11, false), "N(···(W₁₂+b₁₂))");
    }
}
