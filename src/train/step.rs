//! One training step, on rayon.

use ndarray::Array2;
use rayon::prelude::*;

use super::evaluate::pixel;
use crate::data::{PIXELS, Split};
use crate::nn::loss::cross_entropy;
use crate::nn::optim::Rule;
use crate::nn::{Linear, Mlp};

/// Images a part of the batch; fixed, so that the sums do not depend on the number of threads.
const CHUNK: usize = 32;

/// What a step saw before it changed anything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Sum of the images' losses, in nats.
    pub loss: f64,
    /// Right answers.
    pub correct: usize,
    /// Whether the loss and the whole gradient are finite; if not, no weight was touched.
    pub finite: bool,
}

/// Trains `model` on the `images` of `split` with one step of `rule`; `slots[slot][layer]` is the optimizer's memory.
///
/// If the loss or the gradient is not finite, nothing is changed.
pub fn step(model: &mut Mlp, slots: &mut [Vec<Linear>], rule: Rule<f32>, split: &Split, images: &[u32]) -> Seen {
    let parts: Vec<_> = images.par_chunks(CHUNK).map(|images| part(model, split, images)).collect();
    let mut seen = Seen { loss: 0.0, correct: 0, finite: true };
    let mut sum: Option<Vec<Linear>> = None;
    for (loss, correct, gradients) in parts {
        seen.loss += loss;
        seen.correct += correct;
        match &mut sum {
            None => sum = Some(gradients),
            Some(sum) => {
                for (sum, part) in sum.iter_mut().zip(gradients) {
                    sum.weight += &part.weight;
                    sum.bias += &part.bias;
                }
            }
        }
    }
    let Some(mut gradients) = sum else { return seen };
    let scale = 1.0 / images.len() as f32;
    for gradient in &mut gradients {
        gradient.weight *= scale;
        gradient.bias *= scale;
    }
    seen.finite =
        seen.loss.is_finite() && gradients.iter().all(|g| g.flat().iter().all(|f| f.iter().all(|x| x.is_finite())));
    if seen.finite {
        rule.update_layers(&mut model.layers, &gradients, slots);
    }
    seen
}

/// Loss, right answers and summed gradients of a part of the batch.
fn part(model: &Mlp, split: &Split, images: &[u32]) -> (f64, usize, Vec<Linear>) {
    let mut x = Array2::zeros((images.len(), PIXELS));
    for (mut row, &image) in x.outer_iter_mut().zip(images) {
        for (x, &level) in row.iter_mut().zip(split.image(image as usize)) {
            *x = pixel(level);
        }
    }
    let labels: Vec<u8> = images.iter().map(|&i| split.labels()[i as usize]).collect();
    let answers = model.forward(x.view());
    let judged = cross_entropy(answers[answers.len() - 1].view(), &labels);
    (judged.loss, judged.correct, model.backward(x.view(), &answers, judged.d_logits))
}
