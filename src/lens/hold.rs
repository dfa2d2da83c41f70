//! Scales that are kept from one page to the next: because they took a look at a whole layer, or so that while a network
//! trains a picture moves only where its weights do.

use std::collections::HashMap;
use std::sync::Arc;

use super::backproject::Precision;
use super::looker::{Looker, Means, Question, Stop};
use super::{Scale, scale};
use crate::nn::Mlp;

/// What is kept.
#[derive(Default)]
pub(super) struct Scales {
    layer: Option<LayerRange>,
    /// Of single nodes.
    pub(super) held: Held,
}

/// Lowest and highest value of all maps of a layer, for [`Scale::Layer`].
struct LayerRange {
    model: Arc<Mlp>,
    /// Over all images, not over the sample.
    all: bool,
    question: Question,
    centred: bool,
    range: (f64, f64),
}

impl Scales {
    /// Lowest and highest value of all maps of the layer.
    pub(super) fn of_layer<F: Precision>(
        &mut self,
        looker: &mut Looker<F>,
        question: Question,
        centred: bool,
        means: Means<'_>,
    ) -> Result<(f64, f64), Stop> {
        if let Some(known) = &self.layer
            && looker.is_for(&known.model, known.all)
            && (known.question, known.centred) == (question, centred)
        {
            return Ok(known.range);
        }
        let model = Arc::clone(looker.model());
        let nodes: Vec<usize> = (0..model.layers[question.layer].nodes()).collect();
        let seen = looker.look(question, centred, &nodes, means)?;
        let range = seen.maps.as_slice().and_then(scale::range).unwrap_or_default();
        self.layer = Some(LayerRange { all: looker.looks_at_all(), model, question, centred, range });
        Ok(range)
    }
}

/// An end of a symmetric scale is kept until it is so far off, as a share of itself.
const KEPT: f64 = 0.1;

/// The ends of the symmetric scales that are on screen.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// What the ends belong to; those of anything else are forgotten.
    of: Option<(Question, bool)>,
    ends: HashMap<usize, f64>,
}

impl Held {
    /// Makes ready for maps of `question`; `trains` says whether the network goes on changing. If not, nothing is held.
    pub(super) fn begin(&mut self, question: Question, centred: bool, scale: Scale, trains: bool) {
        let of = (scale == Scale::Symmetric && trains).then_some((question, centred));
        if self.of != of {
            self.of = of;
            self.ends.clear();
        }
    }

    /// The range to draw a node's map on, whose own range on the scale in question is `range`.
    pub(super) fn range(&mut self, node: usize, range: (f64, f64)) -> (f64, f64) {
        if self.of.is_none() {
            return range;
        }
        let held = self.ends.entry(node).or_insert(range.1);
        if (range.1 - *held).abs() > KEPT * *held {
            *held = range.1;
        }
        (-*held, *held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lens::{Lens, Over};

    const QUESTION: Question = Question { lens: Lens::Plain, over: Over::Own, layer: 0 };

    #[test]
    fn a_symmetric_scale_is_kept_until_it_is_a_tenth_off_and_only_while_it_trains() {
        let mut held = Held::default();
        held.begin(QUESTION, false, Scale::Symmetric, true);
        for (own, drawn) in [(1.0, 1.0), (1.09, 1.0), (0.91, 1.0), (1.11, 1.11), (1.01, 1.11), (0.99, 0.99)] {
            held.begin(QUESTION, false, Scale::Symmetric, true);
            assert_eq!(held.range(3, (-own, own)), (-drawn, drawn), "{own}");
        }
        assert_eq!(held.range(4, (-0.95, 0.95)), (-0.95, 0.95), "another node");
        held.begin(QUESTION, false, Scale::Symmetric, false);
        assert_eq!(held.range(3, (-1.0, 1.0)), (-1.0, 1.0), "exact once it rests");
        held.begin(QUESTION, false, Scale::Node, true);
        assert_eq!(held.range(3, (-0.2, 1.0)), (-0.2, 1.0));
        held.begin(Question { layer: 1, ..QUESTION }, false, Scale::Symmetric, true);
        assert_eq!(held.range(3, (-0.9, 0.9)), (-0.9, 0.9), "nothing is kept over another layer");
    }
}
