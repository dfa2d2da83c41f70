//! Which pixels make a picture of the first layer.

use super::{Map, NodeId, Scale};
use crate::data::{PIXELS, SIDE};
use crate::nn::Mlp;

/// The picture of a node that sees the pixels themselves, in two pictures that add up to it: its strongest pixels, which
/// together hold half of the sum of squares, and all others.
#[derive(Debug, Clone, PartialEq)]
pub struct Halves {
    /// Pixels in the strong half.
    pub n: usize,
    /// The strong half; both are drawn on the symmetric scale of the whole.
    pub strong: Map,
    /// The others.
    pub rest: Map,
}

impl Halves {
    /// Those of a node of the first layer. `None` for other nodes and for a picture that is zero.
    ///
    /// # Panics
    /// If the node is not there.
    #[must_use]
    pub fn of(model: &Mlp, node: NodeId) -> Option<Self> {
        let layer = model.layers.first().filter(|layer| node.layer == 0 && layer.inputs() == PIXELS)?;
        let weights = layer.weight.row(node.index).to_vec();
        let (strongest, n) = strongest(&weights);
        let range = Scale::Symmetric.range(&weights, (0.0, 0.0));
        let only = |pixels: &[usize]| {
            let mut some = vec![0.0; PIXELS];
            for &pixel in pixels {
                some[pixel] = weights[pixel];
            }
            Map::new(node, &some, range, SIDE, None)
        };
        (n > 0).then(|| Self { n, strong: only(&strongest[..n]), rest: only(&strongest[n..]) })
    }
}

/// All pixels, the one with the highest absolute weight first; and how many of them have half of the sum of squares.
fn strongest(weights: &[f32]) -> (Vec<usize>, usize) {
    let square = |p: &usize| f64::from(weights[*p]).powi(2);
    let mut pixels: Vec<usize> = (0..weights.len()).collect();
    pixels.sort_by(|a, b| square(b).total_cmp(&square(a)));
    let all: f64 = pixels.iter().map(square).sum();
    let mut sum = 0.0;
    let reaches = |p: &usize| {
        sum += square(p);
        sum >= all / 2.0
    };
    let half = pixels.iter().position(reaches).filter(|_| all > 0.0).map_or(0, |i| i + 1);
    (pixels, half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lens::fixture::net;

    #[test]
    fn half_of_a_picture_is_half_of_its_squares() {
        assert_eq!(strongest(&[1.0, -3.0, 2.0, 0.0]), (vec![1, 2, 0, 3], 1));
        assert_eq!(strongest(&[1.0, -1.0, 1.0, 1.0]), (vec![0, 1, 2, 3], 2));
        assert_eq!(strongest(&[0.0; 3]).1, 0);
    }

    #[test]
    fn the_halves_add_up_and_the_strong_one_is_the_smallest_with_half_of_the_squares() {
        let model = net(&[784, 20, 10]);
        let halves = Halves::of(&model, NodeId { layer: 0, index: 3 }).unwrap();
        let weights = model.layers[0].weight.row(3);
        for (pixel, &weight) in weights.iter().enumerate() {
            let (strong, rest) = (halves.strong.raw[pixel], halves.rest.raw[pixel]);
            assert_eq!((strong + rest).to_bits(), (weight + 0.0).to_bits());
        }
        let squares = |values: &[f32]| values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>();
        let (strong, rest) = (squares(&halves.strong.raw), squares(&halves.rest.raw));
        let in_strong = || halves.strong.raw.iter().filter(|v| **v != 0.0);
        let weakest = in_strong().map(|v| v.abs()).fold(f32::INFINITY, f32::min);
        assert_eq!(in_strong().count(), halves.n);
        assert!(strong >= rest && strong - f64::from(weakest).powi(2) < rest + f64::from(weakest).powi(2));
        assert_eq!(Halves::of(&model, NodeId { layer: 1, index: 3 }), None);
    }
}
