//! Words that options take, and what they mean elsewhere.

use clap::ValueEnum;

use crate::lens::{Lens, Over};
use crate::{export, report};

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// How maps are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum MapFormat {
    /// One contact sheet a layer.
    #[default]
    Png,
    /// NumPy arrays.
    Npy,
}

/// Which layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layers {
    /// Every layer.
    All,
    /// One, counted from 1.
    One(usize),
}

/// A lens by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LensName {
    /// The weights multiplied back to the pixels.
    #[default]
    Plain,
    /// The same with the biases added to the weights.
    Bias,
    /// The article's own program.
    Article,
    /// What the input tends to look like when the node is high.
    Pattern,
    /// Plain, times how much each pixel varies.
    Influence,
    /// The network's own derivative, averaged over images.
    Gated,
    /// The images, weighted by the node's answers, less the mean image.
    Mean,
}

/// Which test images the gated lens looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ImageSet {
    /// For an output those of its own class, for a hidden node all.
    #[default]
    Own,
    /// All.
    All,
}

impl From<ImageSet> for Over {
    fn from(set: ImageSet) -> Self {
        match set {
            ImageSet::Own => Self::Own,
            ImageSet::All => Self::All,
        }
    }
}

impl From<MapFormat> for export::MapFormat {
    fn from(format: MapFormat) -> Self {
        match format {
            MapFormat::Png => Self::Png,
            MapFormat::Npy => Self::Npy,
        }
    }
}

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
        }
    }
}

impl From<LensName> for Lens {
    fn from(name: LensName) -> Self {
        match name {
            LensName::Plain => Self::Plain,
            LensName::Bias => Self::Bias,
            LensName::Article => Self::Article,
            LensName::Pattern => Self::Pattern,
            LensName::Influence => Self::Influence,
            LensName::Gated => Self::Gated,
            LensName::Mean => Self::Mean,
        }
    }
}

/// Reads `--layer`.
pub(super) fn parse_layers(text: &str) -> Result<Layers, String> {
    match (text, text.parse()) {
        ("all", _) => Ok(Layers::All),
        (_, Ok(n @ 1..)) => Ok(Layers::One(n)),
        _ => Err("expected `all`, or the number of a layer, counted from 1".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_all_or_counted_from_one() {
        assert_eq!(parse_layers("all"), Ok(Layers::All));
        assert_eq!(parse_layers("2"), Ok(Layers::One(2)));
        assert!(parse_layers("0").is_err() && parse_layers("two").is_err());
    }
}
