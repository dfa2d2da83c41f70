//! The honest numbers of a whole network, as `weightscope inspect` gives them.

use ndarray::Array2;
use serde::Serialize;

use super::backproject;
use super::faithfulness::FaithfulnessSums;
use super::firing::{FiringSums, Habit};
use super::measure::{self, mean};
use super::page::check_inputs;
use super::reactions::{Reactions, in_precision};
use super::statistics::Statistics;
use crate::data::{CLASSES, Dataset};
use crate::error::Result;
use crate::nn::{Linear, Mlp};

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
    /// Judges `model` on all test images of `data`, with the training split's statistics as yardsticks; in f64.
    ///
    /// # Errors
    /// [`crate::error::Kind::Model`] if the network does not look at 28x28 pixels.
    pub fn of(model: &Mlp, data: &Dataset) -> Result<Self> {
        check_inputs(model)?;
        let statistics = Statistics::of(&data.train);
        let exact = in_precision::<f64>(model);
        let images: Vec<usize> = (0..data.test.len()).collect();
        let (mut faithfulness, mut firing) = (FaithfulnessSums::<f64>::new(model), FiringSums::new(&exact));
        for block in Reactions::blocks(&exact, &data.test, &images) {
            faithfulness.add(&block);
            firing.add(&block);
        }
        let (faithfulness, firing) = (faithfulness.finish(), firing.finish());

        let per_layer = firing.iter().enumerate().map(|(l, firing)| LayerNumbers {
            layer: l + 1,
            nodes: firing.rate.len(),
            structure: mean(
                rows(&backproject::plain(model, l, &all_nodes(model, l))).map(|map| measure::structure(&map)),
            ),
            faithfulness_mean: faithfulness.layer_mean(l),
            dead: firing.count(Habit::Dead),
            rare: firing.count(Habit::Rare),
            always_on: firing.count(Habit::AlwaysOn),
        });
        let per_layer = per_layer.collect();

        let last = model.layers.len() - 1;
        let nodes = all_nodes(model, last);
        let maps: Vec<Vec<f64>> = rows(&backproject::plain(model, last, &nodes)).collect();
        let with_bias = backproject::with_bias(model, last, &nodes);
        let output = |(digit, (map, with_bias)): (usize, (&Vec<f64>, Vec<f64>))| OutputNumbers {
            digit,
            faithfulness: faithfulness.r2[last][digit],
            template_match: (digit < CLASSES).then(|| statistics.template_match(map, digit)).flatten(),
            best_template: statistics.best_template(map).map(|(class, _)| class),
            plain_vs_bias: measure::correlation(map, &with_bias),
        };
        let outputs: Vec<OutputNumbers> = maps.iter().zip(rows(&with_bias)).enumerate().map(output).collect();
        Ok(Self {
            agreement: faithfulness.agreement,
            per_layer,
            template_match: mean(outputs.iter().map(|o| o.template_match)),
            edge_share: mean(maps.iter().map(|map| statistics.edge_share(map))),
            outputs,
        })
    }
}

fn all_nodes(model: &Mlp, layer: usize) -> Vec<usize> {
    (0..model.layers.get(layer).map_or(0, Linear::nodes)).collect()
}

fn rows(maps: &Array2<f64>) -> impl Iterator<Item = Vec<f64>> {
    maps.rows().into_iter().map(|row| row.to_vec())
}

#[cfg(test)]
mod tests;
