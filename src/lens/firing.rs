//! When does a node fire, and for which class?

use ndarray::Array2;

use super::backproject::Precision;
use super::reactions::Reactions;
use crate::data::CLASSES;
use crate::nn::{Activation, Mlp};

/// How often a node fires (`z > 0`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Habit {
    /// On no image.
    Dead,
    /// On fewer than 1 % of the images.
    Rare,
    /// On some.
    Usual,
    /// On every image: the node is linear.
    AlwaysOn,
}

/// What the nodes of a layer make of the classes.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerFiring {
    /// Number of images that it rests on.
    pub n: usize,
    /// Share of the images on which each node fires (`z > 0`).
    pub rate: Vec<f64>,
    /// How often each node fires. `None` for nodes that have no off: those of tanh, sigmoid and output layers.
    pub habit: Option<Vec<Habit>>,
    /// `(nodes, classes)`: mean answer to the images of a class; of an output, its mean probability. NaN for a class
    /// without images.
    pub class_means: Array2<f64>,
}

impl LayerFiring {
    /// How many nodes have a habit; `None` where no node has one.
    #[must_use]
    pub fn count(&self, habit: Habit) -> Option<usize> {
        self.habit.as_ref().map(|habits| habits.iter().filter(|&&h| h == habit).count())
    }

    /// The class that a node answers most to, and how selectively: `(max - rest) / (max + rest)`, rest the mean over
    /// the other classes (Morcos et al. 2018). `None` for a node that is silent or that answers below zero.
    ///
    /// # Panics
    /// If the node is not there.
    #[must_use]
    pub fn preference(&self, node: usize) -> Option<(usize, f64)> {
        let means: Vec<(usize, f64)> =
            self.class_means.row(node).iter().copied().enumerate().filter(|(_, mean)| !mean.is_nan()).collect();
        let &(class, max) = means.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let rest = (means.iter().map(|m| m.1).sum::<f64>() - max) / (means.len() - 1) as f64;
        (means.len() > 1 && rest >= 0.0 && max > 0.0).then(|| (class, (max - rest) / (max + rest)))
    }
}

/// The sums behind [`LayerFiring`], filled block by block, for all layers.
pub struct FiringSums {
    activation: Activation,
    n: usize,
    sizes: [usize; CLASSES],
    /// Per layer: images on which each node fires.
    fired: Vec<Vec<usize>>,
    /// Per layer, `(classes, nodes)`.
    answers: Vec<Array2<f64>>,
}

impl FiringSums {
    /// For all layers of `model`.
    #[must_use]
    pub fn new<F: Precision>(model: &Mlp<F>) -> Self {
        let nodes = model.layers.iter().map(crate::nn::Linear::nodes);
        Self {
            activation: model.activation,
            n: 0,
            sizes: [0; CLASSES],
            fired: nodes.clone().map(|n| vec![0; n]).collect(),
            answers: nodes.map(|n| Array2::zeros((CLASSES, n))).collect(),
        }
    }

    /// Takes in a block of images.
    pub fn add<F: Precision>(&mut self, block: &Reactions<F>) {
        self.n += block.len();
        block.labels.iter().for_each(|&label| self.sizes[usize::from(label)] += 1);
        let probabilities = block.probabilities();
        for (l, (fired, sums)) in self.fired.iter_mut().zip(&mut self.answers).enumerate() {
            let answers = block.a.get(l).unwrap_or(&probabilities);
            for (i, &label) in block.labels.iter().enumerate() {
                let of_class = sums.row_mut(label.into());
                let nodes = fired.iter_mut().zip(of_class).zip(block.z[l].row(i)).zip(answers.row(i));
                for (((fired, sum), &z), &answer) in nodes {
                    *fired += usize::from(z > F::zero());
                    *sum += answer.into();
                }
            }
        }
    }

    /// The numbers so far, one for each layer.
    #[must_use]
    pub fn finish(&self) -> Vec<LayerFiring> {
        let last = self.fired.len() - 1;
        let habit = |&fired: &usize| match fired {
            0 => Habit::Dead,
            _ if fired == self.n => Habit::AlwaysOn,
            _ if 100 * fired < self.n => Habit::Rare,
            _ => Habit::Usual,
        };
        let layer = |(l, (fired, sums)): (usize, (&Vec<usize>, &Array2<f64>))| LayerFiring {
            n: self.n,
            rate: fired.iter().map(|&k| k as f64 / self.n.max(1) as f64).collect(),
            habit: (self.activation == Activation::Relu && l < last && self.n > 0)
                .then(|| fired.iter().map(habit).collect()),
            class_means: Array2::from_shape_fn((fired.len(), CLASSES), |(k, class)| {
                sums[[class, k]] / self.sizes[class] as f64
            }),
        };
        self.fired.iter().zip(&self.answers).enumerate().map(layer).collect()
    }
}
