//! What the sample of held-out images says of a network, and of maps of it.

use ndarray::Array2;

use super::{Looker, Means, Stop};
use crate::lens::backproject::Precision;
use crate::lens::map::Needs;
use crate::lens::measure::Moments;
use crate::lens::reactions::{Network, Reactions};
use crate::lens::sight::Over;
use crate::lens::sparse::Panels;

impl<F: Precision> Looker<F> {
    /// Sees to it that what the network makes of the sample is known as far up as layer `to`.
    pub(super) fn show_sample(&mut self, to: usize, means: Means<'_>) -> Result<(), Stop> {
        let held_out = means.held_out.ok_or(Needs::Data)?;
        if self.reactions.is_empty() {
            let unseen = |block| Reactions::unseen(&held_out.data.test, block);
            self.reactions = held_out.some.blocks(Over::All).map(unseen).collect();
        }
        let network = self.network.get_or_init(|| Network::new(&self.model));
        for block in &mut self.reactions {
            if (means.stop)() {
                return Err(Stop::Interrupted);
            }
            block.deepen(network, to);
        }
        Ok(())
    }

    /// R² of each map of nodes of `layer` over the sample: squared correlation of `x . map` with the node's `z`, where
    /// `maps` are rows and each goes with the node, or the difference of two, of `nodes`. `None` where either is constant.
    /// `centred` counts `z` from the mean of the layer, as centred maps do. Also how many images it rests on.
    ///
    /// # Panics
    /// If the layer or a node is not there.
    pub fn faithfulness(
        &mut self,
        layer: usize,
        nodes: &[(usize, Option<usize>)],
        maps: &Array2<F>,
        centred: bool,
        means: Means<'_>,
    ) -> Result<(Vec<Option<f64>>, usize), Stop> {
        self.show_sample(layer, means)?;
        let (maps, mut moments, mut n) = (Panels::new(&maps.t()), vec![Moments::default(); nodes.len()], 0);
        for block in &self.reactions {
            let scores = block.x.dot(&maps);
            n += block.len();
            for (scores, z) in scores.rows().into_iter().zip(block.z[layer].rows()) {
                let mean = if centred { z.sum() / F::of(z.len() as f32) } else { F::zero() };
                for ((moments, &(node, minus)), &score) in moments.iter_mut().zip(nodes).zip(scores) {
                    moments.add(score.into(), (z[node] - minus.map_or(mean, |minus| z[minus])).into());
                }
            }
        }
        Ok((moments.iter().map(|moments| moments.correlation().map(|r| r * r)).collect(), n))
    }
}
