//! What a picture means and how far to trust it, in plain words.

use crate::lens::{Lens, Over, Scale};
use crate::ui::app::App;

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

/// Over which images the lens looks, where that matters: `own class`, `all`, `class 3`, `image 247`.
#[must_use]
pub fn over_name(app: &App) -> Option<String> {
    app.looks_at_images().then(|| match app.over() {
        Over::Own if app.looks_over_own_class() => "own class".to_owned(),
        Over::Own | Over::All => "all images".to_owned(),
        Over::Class(class) => format!("class {class}"),
        Over::Image(image) => format!("image {image}"),
    })
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
        (Lens::Article, 0) => "to 0..255".into(),
        (Lens::Article, _) => "each layer to 0..255".into(),
        (Lens::Pattern, _) => "ink when high".into(),
        (Lens::Influence, _) => format!("{}{dot}spread", product(&|l| format!("W{}", n(l)))),
        (Lens::Gated, 0) => format!("W{}", n(0)),
        (Lens::Gated, _) => "by the nodes that are on".into(),
        (Lens::Mean, _) => "by its answer".into(),
        (Lens::Top, _) => "highest sum".into(),
        (Lens::Preferred, _) => "made for a high sum".into(),
    }
}

fn subscript(digit: char) -> char {
    digit.to_digit(10).and_then(|d| char::from_u32(0x2080 + d)).unwrap_or(digit)
}

/// What is to be seen on the screen, for the help: terms and their meaning.
pub const GUIDE: &[(&str, &str)] = &[
    ("a map", "the 28x28 picture a node looks for; under it the node's"),
    ("", "number and the values that black and white stand for"),
    ("lens plain", "weights multiplied back to the pixels: the article's idea"),
    ("weights + bias", "the same, each bias added to all weights of its node"),
    ("article code", "the program of the article that this idea comes from"),
    ("response pattern", "what the input tends to look like when the node is high"),
    ("influence", "plain, times how much each pixel varies over the images"),
    ("gated", "what a bit more ink does to the node's sum, over images"),
    ("weighted mean", "the images by the node's answers, less the mean image"),
    ("top image", "the test image that the node answers most to"),
    ("maximisation", "experimental: an image made to please the node"),
    ("0 patch", "the grey of 0: lighter raises the node, darker lowers it"),
    ("the rim", "pixels inked in under 5 % of images: hardly learnt there"),
    ("scale per node", "black is the node's lowest value, white its highest"),
    ("per layer", "the same black and white for all nodes of the layer"),
    ("symmetric", "mid grey is 0; brighter raises the node, darker lowers it"),
    ("1..99 %", "each node but for its most extreme pixels: 1 in 100 an end"),
    ("0 Data", "what it learns from: images by class, and who inks what"),
    ("how often, who", "part of a class with ink there; its part of all with ink"),
    ("train, test", "the batches lately; images that are never trained on"),
];

/// The numbers on the screen, for the help: what each is, and how to read it.
pub const GLOSSARY: &[(&str, &str)] = &[
    ("R², faithfulness", "how far the picture alone foretells what the node adds up"),
    ("", "on test images: 1 = it says all, 0 = it says nothing"),
    ("good, fair, poor", "R² from .9 on, from .7, from .3; below: hardly a summary"),
    ("why it falls", "the more is learnt, the more each image switches other"),
    ("", "nodes on; no one picture can show them all"),
    ("agreement", "how often the picture that fits an image best belongs to"),
    ("", "the digit that the network answers"),
    ("template match", "how much an output's picture looks like the mean image of"),
    ("", "its digit: 1 = the same, 0 = not at all"),
    ("edge share", "how much of a picture lies where hardly any ink ever is;"),
    ("", "what is there hardly ever comes into play"),
    ("structure", "1 = one smooth shape, 0 = noise: whether neighbouring"),
    ("", "pixels of a picture are alike"),
    ("norm", "how strong a picture is: root of the sum of its squares"),
    ("fires, dead, rare", "share of images on which the node's sum is above zero;"),
    ("", "on none; on fewer than 1 in 100; always on: on all"),
    ("prefers", "the class that the node answers most to"),
    ("selectivity", "1 = it answers to this class alone, 0 = to all alike"),
    ("n of m make half", "so few nodes of the layer below make half of the picture;"),
    ("", "the shares of all add up to 100 %, some are below zero"),
    ("change", "how far a picture has moved since the start or the mark m,"),
    ("", "as a share of its length then"),
    ("alike", "1 = the same picture, 0 = nothing in common, -1 = opposite"),
    ("bias, offset", "what the node adds by itself; with the biases below it"),
    ("lead, evidence", "how far one answer is ahead, and which pixels make it so"),
    ("loss", "how surprised the network is by the right answer: 0 = not"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terms_of_the_help_fit_80_columns() {
        for (term, text) in GUIDE.iter().chain(GLOSSARY) {
            // Less the margins.
            assert!(term.chars().count() <= 17, "{term}");
            assert!(text.chars().count() <= 58, "{text}");
        }
    }

    #[test]
    fn formulas_follow_the_depth() {
        assert_eq!(formula(Lens::Plain, 0, false), "W₁");
        assert_eq!(formula(Lens::Plain, 2, false), "W₁·W₂·W₃");
        assert_eq!(formula(Lens::Plain, 4, true), "W1..W5");
        assert_eq!(formula(Lens::Bias, 1, false), "(W₁+b₁)(W₂+b₂)");
        assert_eq!(formula(Lens::Bias, 11, false), "(W₁+b₁)···(W₁₂+b₁₂)");
        assert_eq!(formula(Lens::Article, 11, false), "each layer to 0..255");
    }
}
