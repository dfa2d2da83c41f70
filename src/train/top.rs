//! The top of a step: the last layer's answers, the loss, and the gradients by the answers of the layer below.
//!
//! The last layer is one panel, too narrow to be shared out among threads as the others are. But up here an image has
//! nothing to do with any other, so the batch is cut into blocks of images, the same ones on any number of threads.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]

use std::iter;

use super::activate::slope;
use super::dense;
use super::forward::share;
use super::loss::cross_entropy;
use super::network::{Layer, Network, Nodes};
use crate::simd::lanes::{LANES, Lanes};
use crate::simd::tile;
use crate::simd::{Level, Simd, dispatch, f32x16};

/// Blocks of a batch.
const BLOCKS: usize = 4;

/// What some images came to: the sum of their losses, in nats, and the right answers.
type Judged = (f64, usize);

/// Some images with all that the top of a step keeps of them.
struct Block<'a> {
    /// Number of the first image in the batch.
    first: usize,
    labels: &'a [u8],
    logits: &'a mut [Lanes],
    deltas: &'a mut [Lanes],
    /// The deltas of each panel below.
    below: Vec<&'a mut [Lanes]>,
    judged: &'a mut Judged,
}

/// A part of the work.
enum Task<'a, F> {
    Block(Block<'a>),
    /// Something else.
    Beside(F),
}

/// Fills in the logits (of a network without hidden layers they are there already), their deltas and those of the layer
/// below for the batch with these `labels`, and does what else is to be done `beside`.
///
/// Returns the sum of the losses, the right answers, and the largest sum of a block's absolute deltas below.
pub fn judge_batch(
    level: Level,
    network: &Network,
    labels: &[u8],
    nodes: &mut [Vec<Nodes>],
    beside: Option<impl FnOnce() + Send>,
) -> (Judged, f32) {
    let last = network.layers.len() - 1;
    let (below, here) = nodes.split_at_mut(last);
    let Nodes { answers: logits, deltas, .. } = &mut here[0][0];
    let mut judged = [Judged::default(); BLOCKS];
    let size = labels.len().div_ceil(BLOCKS).next_multiple_of(dispatch!(level, simd => tile::rows(simd)));
    let parts = labels.chunks(size).zip(logits.chunks_mut(size)).zip(deltas.chunks_mut(size)).zip(&mut judged);
    let mut blocks: Vec<_> = parts
        .zip((0..).step_by(size))
        .map(|((((labels, logits), deltas), judged), first)| Block {
            first,
            labels,
            logits,
            deltas,
            below: Vec::new(),
            judged,
        })
        .collect();
    // What each panel below answers, and the weights that this layer has for it.
    let mut seen = Vec::new();
    for (i, Nodes { answers, deltas, turned }) in below.last_mut().into_iter().flatten().enumerate() {
        dispatch!(level, simd => dense::turn(simd, &network.layers[last].panels, i, turned));
        seen.push((&answers[..], &turned[..]));
        for (block, deltas) in blocks.iter_mut().zip(deltas.chunks_mut(size)) {
            block.below.push(deltas);
        }
    }
    let operations = 2 * labels.len() * network.layers[last].inputs * LANES;
    let tasks = beside.into_iter().map(Task::Beside).chain(blocks.into_iter().map(Task::Block));
    let largest = share(operations, tasks, |task| match task {
        Task::Block(block) => dispatch!(level, simd => judge_block(simd, network, labels.len(), &seen, block)),
        Task::Beside(work) => {
            work();
            0.0
        }
    });
    (judged.into_iter().fold((0.0, 0), |sum, block| (sum.0 + block.0, sum.1 + block.1)), largest)
}

#[inline(always)]
fn judge_block<S: Simd>(simd: S, network: &Network, batch: usize, seen: &[(&[Lanes], &[Lanes])], block: Block) -> f32 {
    let Block { first, labels, logits, deltas, below, judged } = block;
    let n = labels.len();
    if let (Some(Layer { inputs, panels, .. }), false) = (network.layers.last(), seen.is_empty()) {
        let (weights, bias) = panels[0].weights.split_at(*inputs);
        let a = seen.iter().map(|(answers, _)| &answers[first..]);
        tile::product_of_one(simd, n, a, weights, bias[0].load(simd), logits);
    }
    *judged = cross_entropy(&logits[..n], labels.iter().copied(), deltas, batch);
    let mut largest = 0.0;
    for ((answers, turned), below) in seen.iter().zip(below) {
        let zero = f32x16::splat(simd, 0.0);
        tile::product_of_one(simd, n, iter::once(&*deltas), turned, zero, below);
        largest += slope(simd, network.activation, &answers[first..][..n], &mut below[..n]);
    }
    largest
}
