//! The three products of a dense layer.
//!
//! With a batch of n images, K inputs and one panel of 16 nodes:
//!
//! ```text
//! forward    z  (n x 16)  =  a (n x K)   . w (K x 16)  + bias
//! backward   da (n x 16)  =  dz (n x M)  . w^T (M x 16)      one panel of the K inputs, from M nodes
//! gradient   dw (K x 16)  =  a^T (K x n) . dz (n x 16)
//! ```
//!
//! All three are computed in [tiles](crate::simd::tile). Where A is mostly zeros, [`super::rectified`] takes the same sums
//! without them.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]
#![expect(clippy::many_single_char_names, reason = "the letters of the formulas")]
#![expect(clippy::needless_pass_by_value, reason = "arrays and iterators of references")]

use std::{array, slice};

use super::network::{Nodes, Panel};
use super::rectified;
use super::update::{total, update};
use crate::nn::optim::Rule;
use crate::simd::lanes::{LANES, Lanes, transpose_some};
use crate::simd::tile::{add, product, wide};
use crate::simd::{Simd, f32x16};

/// Panels that are computed together: all four where most of what they look at is zero, else in pairs.
pub const GROUP: usize = 4;
/// Panels of nodes whose deltas of an image fit into the registers: 256 nodes.
const HELD: usize = 16;
/// Panels of a tile, where there are registers for two.
const PAIR: usize = 2;

/// The weighted sums `z = a . w + bias` of up to [`GROUP`] panels of nodes, for `n` images. Rows of `z` past them, up to the
/// next whole tile, get meaningless numbers.
#[inline(always)]
pub fn forward<'a, S: Simd>(
    simd: S,
    n: usize,
    a: impl Iterator<Item = &'a [Lanes]> + Clone,
    panels: &[Panel],
    z: &mut [&mut [Lanes]],
) {
    let inputs = panels[0].weights.len() - 1;
    if let ([p, q, r, s], [w, x, y, z]) = (panels, &mut *z)
        && rectified::product_pays(simd, n, a.clone())
    {
        let panels = [p, q, r, s];
        let start = panels.map(|p| p.weights[inputs].load(simd));
        return rectified::product(simd, n, a, panels.map(|p| &p.weights[..inputs]), start, [w, x, y, z]);
    }
    forward_pairs(simd, n, a, panels, z);
}

/// [`forward`] in tiles.
#[inline(always)]
pub fn forward_pairs<'a, S: Simd>(
    simd: S,
    n: usize,
    a: impl Iterator<Item = &'a [Lanes]> + Clone,
    panels: &[Panel],
    z: &mut [&mut [Lanes]],
) {
    let inputs = panels[0].weights.len() - 1;
    for (panels, z) in panels.chunks(PAIR).zip(z.chunks_mut(PAIR)) {
        match (panels, z) {
            ([p, q], [y, z]) if wide::<S>() => {
                let start = [p, q].map(|p| p.weights[inputs].load(simd));
                let w = [p, q].map(|p| &p.weights[..inputs]);
                product::<S, 8, 2>(simd, n, a.clone(), w, start, [y, z]);
            }
            (panels, z) => {
                for (p, z) in panels.iter().zip(z) {
                    let start = [p.weights[inputs].load(simd)];
                    product::<S, 6, 1>(simd, n, a.clone(), [&p.weights[..inputs]], start, [z]);
                }
            }
        }
    }
}

/// The gradient `da = dz . w^T` by the answers of up to [`GROUP`] panels of inputs, number `first` and on, of the layer
/// `panels`. Their `turned` gets those inputs' weights in the form of panels (one row a node), a transposition that costs
/// 1/n of the product. With `relu` the gradients by answers that are zero may be left out, that is zero: its slope is.
#[inline(always)]
pub fn backward<S: Simd>(
    simd: S,
    n: usize,
    above: &[Nodes],
    panels: &[Panel],
    first: usize,
    inputs: &mut [Nodes],
    relu: bool,
) {
    if let (Ok(above), Ok(panels), true) = (above.try_into(), panels.try_into(), relu)
        && rectified::backward_pays(simd, n, inputs)
    {
        return rectified::backward::<S, HELD>(simd, n, above, panels, first, inputs);
    }
    for (i, input) in inputs.iter_mut().enumerate() {
        turn(simd, panels, first + i, &mut input.turned);
    }
    let zero = f32x16::splat(simd, 0.0);
    let dz = above.iter().map(|nodes| &nodes.deltas[..]);
    if let [p, q, r, s] = &mut *inputs
        && rectified::product_pays(simd, n, dz.clone())
    {
        let w = [&p.turned[..], &q.turned, &r.turned, &s.turned];
        let da = [&mut p.deltas[..], &mut q.deltas, &mut r.deltas, &mut s.deltas];
        return rectified::product(simd, n, dz, w, [zero; GROUP], da);
    }
    for inputs in inputs.chunks_mut(PAIR) {
        match inputs {
            [p, q] if wide::<S>() => {
                let da = [&mut p.deltas[..], &mut q.deltas];
                product::<S, 8, 2>(simd, n, dz.clone(), [&p.turned, &q.turned], [zero; 2], da);
            }
            inputs => {
                for p in inputs {
                    product::<S, 6, 1>(simd, n, dz.clone(), [&p.turned], [zero], [&mut p.deltas]);
                }
            }
        }
    }
}

/// Copies the weights of inputs `16 * input_panel` and on, turned round: from a row an input to a row a node.
#[inline(always)]
pub fn turn<S: Simd>(simd: S, panels: &[Panel], input_panel: usize, turned: &mut [Lanes]) {
    for (turned, panel) in turned.chunks_exact_mut(LANES).zip(panels) {
        let Ok(turned) = <&mut [Lanes; LANES]>::try_from(turned) else { return };
        // The last panel of inputs may have fewer than 16 rows before the bias; the rest stays zero.
        let inputs = panel.weights.len() - 1;
        let rows = &panel.weights[input_panel * LANES..inputs.min((input_panel + 1) * LANES)];
        transpose_some(simd, rows, turned);
    }
}

/// Changes the weights of up to [`GROUP`] `panels` by their gradient `dw = a^T . dz`, from the batch's inputs `a` and the
/// deltas of the panels' `nodes`.
#[inline(always)]
pub fn learn<'a, S: Simd>(
    simd: S,
    n: usize,
    rule: Rule<f32>,
    a: impl Iterator<Item = &'a [Lanes]> + Clone,
    nodes: &[Nodes],
    panels: &mut [Panel],
) {
    match nodes {
        [w, x, y, z] if rectified::gradient_pays(simd, n, a.clone()) => {
            rectified::gradient(simd, a, [w, x, y, z].map(|nodes| &nodes.deltas[..n]), rule, panels);
        }
        nodes => learn_pairs(simd, n, rule, a, nodes, panels),
    }
    for (nodes, panel) in nodes.iter().zip(panels) {
        let inputs = panel.weights.len() - 1;
        update(simd, rule, slice::from_mut(panel), inputs, [total(simd, &nodes.deltas[..n])]);
    }
}

/// [`learn`] in tiles, but for the biases.
#[inline(always)]
pub fn learn_pairs<'a, S: Simd>(
    simd: S,
    n: usize,
    rule: Rule<f32>,
    a: impl Iterator<Item = &'a [Lanes]> + Clone,
    nodes: &[Nodes],
    panels: &mut [Panel],
) {
    for (nodes, panels) in nodes.chunks(PAIR).zip(panels.chunks_mut(PAIR)) {
        match (nodes, &mut *panels) {
            ([y, z], [_, _]) if wide::<S>() => {
                let dz = [&y.deltas[..n], &z.deltas[..n]];
                for at in [0, 8] {
                    gradient::<S, 8, 2>(simd, a.clone(), dz, at, rule, panels);
                }
            }
            _ => {
                for (nodes, panel) in nodes.iter().zip(panels.iter_mut()) {
                    let (dz, panel) = ([&nodes.deltas[..n]], slice::from_mut(panel));
                    gradient::<S, 6, 1>(simd, a.clone(), dz, 0, rule, panel);
                    gradient::<S, 5, 1>(simd, a.clone(), dz, 6, rule, panel);
                    gradient::<S, 5, 1>(simd, a.clone(), dz, 11, rule, panel);
                }
            }
        }
    }
}

/// The tiles of rows `at..at + R` of each 16 rows of `a^T . dz`, and the update by them.
#[inline(always)]
fn gradient<'a, S: Simd, const R: usize, const P: usize>(
    simd: S,
    a: impl Iterator<Item = &'a [Lanes]>,
    dz: [&[Lanes]; P],
    at: usize,
    rule: Rule<f32>,
    panels: &mut [Panel],
) {
    let n = dz[0].len();
    let dz = dz.map(|dz| &dz[..n]);
    let inputs = panels[0].weights.len() - 1;
    for (input_panel, a) in a.enumerate() {
        let a = &a[..n];
        let mut sum = [[f32x16::splat(simd, 0.0); P]; R];
        for i in 0..n {
            let Some(a) = a[i].0[at..].first_chunk::<R>() else { return };
            add(
                simd,
                &mut sum,
                #[inline(always)]
                |r| a[r],
                array::from_fn(
                    #[inline(always)]
                    |p| &dz[p][i],
                ),
            );
        }
        for (r, sum) in sum.into_iter().enumerate() {
            let input = input_panel * LANES + at + r;
            if input < inputs {
                update(simd, rule, panels, input, sum);
            }
        }
    }
}
