//! The honest numbers of a whole network, as `weightscope inspect` gives them.

use std::sync::Arc;

use serde::Serialize;

use super::held_out::HeldOut;
use super::page::check_inputs;
use super::study::{LayerStudy, OutputStudy, Study, Task, Work};
use crate::error::Result;
use crate::nn::Mlp;

/// What can be said of a network's plain maps. What is not known is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Numbers {
    /// Share of test images where the output maps alone give the network's own answer.
    pub agreement: Option<f64>,
    /// One entry a layer.
    pub per_layer: Vec<LayerNumbers>,
    /// One entry an output.
    pub outputs: Vec<OutputNumbers>,
    /// Mean template match of the outputs.
    pub template_match: Option<f64>,
    /// Mean over the outputs of the share of a map's energy on edge pixels.
    pub edge_share: Option<f64>,
}

/// Numbers of one layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerNumbers {
    /// Counted from 1.
    pub layer: usize,
    /// Number of nodes.
    pub nodes: usize,
    /// Mean structure index of its maps.
    pub structure: Option<f64>,
    /// Mean faithfulness (R²) of its maps.
    pub faithfulness_mean: Option<f64>,
    /// Nodes that fire on no test image; `None` where a node has no off (tanh, sigmoid, outputs).
    pub dead: Option<usize>,
    /// Nodes that fire on fewer than 1 % of them, the dead not counted.
    pub rare: Option<usize>,
    /// Nodes that fire on all of them.
    pub always_on: Option<usize>,
}

/// Numbers of one output node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputNumbers {
    /// Its class.
    pub digit: usize,
    /// R² of its map.
    pub faithfulness: Option<f64>,
    /// Correlation of its map with its own class's template on core pixels.
    pub template_match: Option<f64>,
    /// The class whose template its map matches best.
    pub best_template: Option<usize>,
    /// Correlation of its plain map with its weights + bias map.
    pub plain_vs_bias: Option<f64>,
}

impl Numbers {
    /// Judges `model` on all test images, with the training split's statistics as yardsticks; in f64. Without images
    /// there remains what the weights alone tell.
    ///
    /// # Errors
    /// [`crate::error::Kind::Model`] if the network does not look at 28x28 pixels.
    pub fn of(model: &Arc<Mlp>, held_out: Option<Arc<HeldOut>>) -> Result<Self> {
        check_inputs(model)?;
        let mut work = Work::<f64>::new(model, held_out, true, None);
        while work.advance() {}
        Ok(Self::from(&work.finish()))
    }
}

impl From<&Study> for Numbers {
    fn from(study: &Study) -> Self {
        let layer = |(l, layer): (usize, &LayerStudy)| LayerNumbers {
            layer: l + 1,
            nodes: layer.nodes.len(),
            structure: layer.structure,
            faithfulness_mean: layer.faithfulness,
            dead: layer.dead,
            rare: layer.rare,
            always_on: layer.always_on,
        };
        let output = |(digit, output): (usize, &OutputStudy)| OutputNumbers {
            digit,
            faithfulness: study.layers.last().and_then(|layer| layer.nodes[digit].faithfulness),
            template_match: output.template_match,
            best_template: output.best_template,
            plain_vs_bias: output.plain_vs_bias,
        };
        Self {
            agreement: study.agreement,
            per_layer: study.layers.iter().enumerate().map(layer).collect(),
            outputs: study.outputs.iter().enumerate().map(output).collect(),
            template_match: study.template_match,
            edge_share: study.edge_share,
        }
    }
}

#[cfg(test)]
mod tests;
