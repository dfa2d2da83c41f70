//! The forward pass in panels, for the step and for the evaluation.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]

use std::iter;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::activate::activate;
use super::dense::{self, GROUP};
use super::input::{Form, Input};
use super::network::{Layer, Network, Nodes, Panel};
use super::sparse;
use crate::nn::Activation;
use crate::simd::lanes::{LANES, Lanes};
use crate::simd::{Level, Simd, dispatch};

/// Multiply-adds below which handing work to other threads costs more than it saves.
const SMALL: usize = 200_000;

/// What a layer looks at.
#[derive(Clone, Copy)]
pub enum Below<'a> {
    /// The images.
    Images(&'a Input),
    /// The layer below.
    Nodes(&'a [Nodes]),
}

impl Below<'_> {
    /// Multiplications that one image costs for each node of `layer`.
    fn cost(self, layer: &Layer) -> usize {
        match self {
            Self::Images(input) => input.cost(),
            Self::Nodes(_) => layer.inputs,
        }
    }
}

/// Fills in the answers of all layers to the `n` images of `input`, on the rayon pool that the caller is in.
pub fn forward(level: Level, network: &Network, input: &Input, n: usize, nodes: &mut [Vec<Nodes>]) {
    for i in 0..network.layers.len() {
        forward_layer(level, network, i, input, n, nodes, || ());
    }
}

/// Fills in the answers of layer `i`, and does what else is to be done `beside`. Returns the largest sum of the absolute
/// answers of a panel; 0 of the last layer.
pub fn forward_layer(
    level: Level,
    network: &Network,
    i: usize,
    input: &Input,
    n: usize,
    nodes: &mut [Vec<Nodes>],
    beside: impl FnOnce() + Send,
) -> f32 {
    let (below, here) = nodes.split_at_mut(i);
    let below = below.last().map_or(Below::Images(input), |nodes| Below::Nodes(nodes));
    let (layer, activation) = (&network.layers[i], network.activation_of(i));
    let size = match below {
        Below::Images(_) => n,
        Below::Nodes(_) => block_size(n),
    };
    let groups = here[0].chunks_mut(GROUP).zip((0..).step_by(GROUP));
    let blocks =
        groups.flat_map(|(nodes, panel)| blocks(nodes, n, size).map(move |(images, z)| Task::Answer(panel, images, z)));
    share(n * below.cost(layer) * layer.nodes, iter::once(Task::Beside(beside)).chain(blocks), |task| match task {
        Task::Answer(panel, images, mut z) => {
            let panels = &layer.panels[panel..][..z.len()];
            let used = layer.nodes - panel * LANES;
            dispatch!(level, simd => answer(simd, below, images, panels, used, activation, &mut z))
        }
        Task::Beside(work) => {
            work();
            0.0
        }
    })
}

/// A part of a layer's forward pass.
enum Task<'a, F> {
    /// What the nodes from panel number .0 on answer to the images .1 of the batch.
    Answer(usize, Range<usize>, Vec<&'a mut [Lanes]>),
    /// Something else.
    Beside(F),
}

/// Images of a task of a layer above the first, whose images have nothing to do with each other: so few that no thread has
/// long to wait for another (measured: 4 % of a step), but whole [tiles](crate::simd::tile) of any size.
fn block_size(n: usize) -> usize {
    /// A multiple of the rows of all tiles.
    const TILES: usize = 24;
    n.div_ceil(2).next_multiple_of(TILES).min(6 * TILES)
}

/// The answers of `nodes` to `n` images, cut into blocks of `size` images; the last has all rows that are left.
fn blocks<'a>(
    nodes: &'a mut [Nodes],
    n: usize,
    size: usize,
) -> impl Iterator<Item = (Range<usize>, Vec<&'a mut [Lanes]>)> {
    let mut rest = rows(nodes);
    (0..n).step_by(size.max(1)).map(move |first| {
        let images = first..n.min(first + size);
        let cut = |z: &'a mut [Lanes]| z.split_at_mut(if images.end < n { size } else { z.len() });
        let (block, others) = std::mem::take(&mut rest).into_iter().map(cut).unzip();
        rest = others;
        (images, block)
    })
}

/// The rows of answers of some nodes.
pub fn rows(nodes: &mut [Nodes]) -> Vec<&mut [Lanes]> {
    nodes.iter_mut().map(|nodes| &mut nodes.answers[..]).collect()
}

/// Fills in the answers `z` of some neighbouring `panels` of a layer to the `images` of the batch, all of them if it is
/// images that they look at. `used` nodes and on are no nodes but padding. Returns the largest sum of a panel's absolute
/// answers, 0 without an activation.
#[inline(always)]
pub fn answer<S: Simd>(
    simd: S,
    below: Below<'_>,
    images: Range<usize>,
    panels: &[Panel],
    used: usize,
    activation: Option<Activation>,
    z: &mut [&mut [Lanes]],
) -> f32 {
    let n = images.len();
    match below {
        Below::Nodes(below) => {
            dense::forward(simd, n, below.iter().map(|nodes| &nodes.answers[images.start..]), panels, z);
        }
        Below::Images(input) => match input.form() {
            Form::Sparse(ledger) => sparse::forward(simd, ledger, panels, z),
            Form::Dense(x) => dense::forward(simd, n, x.iter().map(Vec::as_slice), panels, z),
        },
    }
    let mut sum = 0.0;
    if let Some(activation) = activation {
        for (p, z) in z.iter_mut().enumerate() {
            sum += activate(simd, activation, used - p * LANES, &mut z[..n]);
        }
    }
    sum
}

/// What the panels of a layer answer.
pub fn answers(nodes: &[Nodes]) -> impl Iterator<Item = &[Lanes]> + Clone {
    nodes.iter().map(|nodes| &nodes.answers[..])
}

/// Calls `work` for each `size` neighbours of `items` with the first one's number, on many threads if there are enough
/// `operations`. Returns the largest of its results.
pub fn each<T: Send>(
    operations: usize,
    size: usize,
    items: &mut [T],
    work: impl Fn(usize, &mut [T]) -> f32 + Sync,
) -> f32 {
    share(operations, items.chunks_mut(size).enumerate(), |(i, group)| work(i * size, group))
}

/// Calls `work` for each of `tasks`, on many threads if there are enough `operations`, and returns the largest of its
/// absolute results (NaN if one is NaN).
///
/// Each thread begins at a place of its own, and goes on with the next task that no other has begun. So it mostly meets the
/// panels that it had in the step before, still in its cache (measured: 4 % at batch 32). A long task should come first.
pub fn share<T: Send>(operations: usize, tasks: impl Iterator<Item = T>, work: impl Fn(T) -> f32 + Sync) -> f32 {
    let threads = if operations < SMALL { 1 } else { rayon::current_num_threads() };
    let tasks: Vec<Option<T>> = tasks.map(Some).collect();
    let n = tasks.len();
    let tasks = Mutex::new(tasks);
    let drain = || {
        let place = rayon::current_thread_index().unwrap_or(0) % threads * n / threads;
        let next = || {
            let mut tasks = tasks.lock().unwrap_or_else(PoisonError::into_inner);
            let (before, from_here) = tasks.split_at_mut(place);
            from_here.iter_mut().chain(before).find_map(Option::take)
        };
        let mut largest = 0;
        while let Some(task) = next() {
            // The bits of floats that are not negative are in the floats' own order, with NaN on top.
            largest = largest.max(work(task).abs().to_bits());
        }
        largest
    };
    f32::from_bits(on_threads(threads, &drain))
}

/// Has `work` done by so many threads at once; by fewer if they are busy elsewhere.
fn on_threads(threads: usize, work: &(impl Fn() -> u32 + Sync)) -> u32 {
    if threads <= 1 {
        return work();
    }
    let (one, other) = rayon::join(|| on_threads(threads / 2, work), || on_threads(threads - threads / 2, work));
    one.max(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::tile::padded;

    #[test]
    fn blocks_are_whole_tiles_and_hold_each_image_once() {
        for n in [0, 1, 23, 24, 32, 49, 128, 300, 512] {
            let empty = Nodes { answers: vec![Lanes::default(); padded(n)], deltas: Vec::new(), turned: Vec::new() };
            let mut nodes = vec![empty; 3];
            let mut end = 0;
            for (images, z) in blocks(&mut nodes, n, block_size(n)) {
                assert_eq!(images.start, end);
                end = images.end;
                for z in z {
                    assert!(z.len() >= padded(images.len()), "{n} {images:?}: room for the last tile");
                    z[..images.len()].iter_mut().for_each(|row| row.0[0] += 1.0);
                }
            }
            assert_eq!(end, n);
            let seen = |nodes: &Nodes| nodes.answers[..n].iter().all(|row| row.0[0].to_bits() == 1f32.to_bits());
            assert!(nodes.iter().all(seen), "{n}");
        }
    }
}
