//! What is done to whole rows of 16 nodes: the optimizer's update, the activation, its slope.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]

use fearless_simd::{Simd, f32x16, prelude::*};

use super::lanes::{LANES, Lanes};
use super::network::Panel;
use crate::nn::Activation;
use crate::nn::optim::Rule;

/// [`Rule::update`] for row `row` of a panel's weights, by its 16 gradients.
#[inline(always)]
pub fn update<S: Simd>(simd: S, rule: Rule<f32>, panel: &mut Panel, row: usize, g: f32x16<S>) {
    let Panel { weights, slots: [first, second] } = panel;
    let w = &mut weights[row];
    let old = w.load(simd);
    match rule {
        Rule::Sgd { rate } => w.store(old - g * rate),
        Rule::Momentum { rate, momentum } => {
            let velocity = first[row].load(simd) * momentum - g * rate;
            first[row].store(velocity);
            w.store(old + velocity);
        }
        Rule::RmsProp { rate, rho, epsilon } => {
            let square = first[row].load(simd) * rho + g * g * (1.0 - rho);
            first[row].store(square);
            w.store(old - g * rate / (square + epsilon).sqrt());
        }
        Rule::Adam { rate, beta1, beta2, epsilon } => {
            let (mean, square) = (first[row].load(simd), second[row].load(simd));
            let mean = mean + (g - mean) * (1.0 - beta1);
            let square = square + (g * g - square) * (1.0 - beta2);
            first[row].store(mean);
            second[row].store(square);
            w.store(old - mean * rate / (square.sqrt() + epsilon));
        }
    }
}

/// The sum of `rows`: a bias's gradient.
#[inline(always)]
pub fn total<S: Simd>(simd: S, rows: &[Lanes]) -> f32x16<S> {
    let mut sum = f32x16::splat(simd, 0.0);
    for row in rows {
        sum += row.load(simd);
    }
    sum
}

/// Applies the activation to the weighted sums of one panel of which `nodes` columns are real.
///
/// Returns the sum of all absolute values, which is finite only if all of them are.
#[inline(always)]
pub fn activate<S: Simd>(simd: S, activation: Activation, nodes: usize, z: &mut [Lanes]) -> f32 {
    let mut sum = f32x16::splat(simd, 0.0);
    let zero = f32x16::splat(simd, 0.0);
    for row in z {
        match activation {
            Activation::Relu => {
                let z = row.load(simd);
                row.store(z.simd_lt(zero).select(zero, z));
            }
            _ => row.0 = row.0.map(|z| activation.apply(z)),
        }
        // Nodes that only fill the panel must stay zero: sigmoid would make them 1/2.
        row.0[nodes.min(LANES)..].fill(0.0);
        sum += row.load(simd).abs();
    }
    sum.reduce_sum()
}

/// Multiplies the gradients by the answers `da` with the activation's slope there: gradients by the weighted sums.
///
/// Returns the sum of all absolute values, which is finite only if all of them are.
#[inline(always)]
pub fn slope<S: Simd>(simd: S, activation: Activation, a: &[Lanes], da: &mut [Lanes]) -> f32 {
    let mut sum = f32x16::splat(simd, 0.0);
    let (zero, one) = (f32x16::splat(simd, 0.0), f32x16::splat(simd, 1.0));
    for (a, d) in a.iter().zip(da) {
        let a = a.load(simd);
        let d_a = d.load(simd);
        let d_z = match activation {
            Activation::Relu => a.simd_gt(zero).select(d_a, zero),
            Activation::Tanh => d_a * (one - a * a),
            Activation::Sigmoid => d_a * (a * (one - a)),
        };
        d.store(d_z);
        sum += d_z.abs();
    }
    sum.reduce_sum()
}
