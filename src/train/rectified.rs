//! The products of [`super::dense`] for inputs that are mostly zeros, as answers after ReLU and their deltas are.
//!
//! ReLU silences about half of the nodes for an image, after some epochs of Adam four fifths; where, is different for every
//! image. So there are no lists as for the pixels, which each batch meets once: the sixteen numbers of a row are compared
//! with zero at once, and the bits that say which are not zero are walked through.
//!
//! The sums of [`product`] and [`gradient`] are taken in the same order as in the dense tiles, and leaving out `0 * w`
//! changes no bit of them. So which of the two forms computes them is a matter of speed alone. [`backward`] takes its sums
//! in another order; whether it does is decided by the numbers, so it is the same on any number of threads.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]
#![expect(clippy::many_single_char_names, reason = "the letters of the formulas")]
#![expect(clippy::needless_range_loop, reason = "one number goes through several arrays")]

use std::array;

use super::network::{Nodes, Panel};
use super::update::update;
use crate::nn::optim::Rule;
use crate::simd::lanes::{LANES, Lanes, transpose_some};
use crate::simd::tile::wide;
use crate::simd::{Simd, f32x16, multiplies_whole};

/// Panels of A whose rows go through together: as many numbers as there are bits in a word.
const BAND: usize = 4;
/// Numbers of a band.
const BITS: usize = BAND * LANES;

/// Share of numbers that are not zero up to which this form is the faster one: measured, both are equally fast at .6 to .65.
const LIGHT: f64 = 0.6;
/// The same of [`product`] where a row takes more than one register, and the tiles have but few: measured with AVX2, .7.
const NARROW: f64 = 0.7;
/// Share of answers that are not zero up to which their gradients are best computed one by one: measured, .65 to .7.
const SILENT: f64 = 0.65;
/// All three where registers are [multiplied whole](multiplies_whole), so that the tiles are twice as fast: measured, .4 to .5.
const WHOLE: f64 = 0.45;
/// One image in so many is looked at to measure that share.
const SAMPLE: usize = 8;

/// Whether so much of `n` rows of `a` is zero that [`product`] is the faster form.
#[inline(always)]
pub fn product_pays<'a, S: Simd>(simd: S, n: usize, a: impl Iterator<Item = &'a [Lanes]>) -> bool {
    share(simd, n, a) <= if wide::<S>() { most::<S>() } else { NARROW }
}

/// Whether so much of `n` rows of `a` is zero that [`gradient`] is the faster form.
#[inline(always)]
pub fn gradient_pays<'a, S: Simd>(simd: S, n: usize, a: impl Iterator<Item = &'a [Lanes]>) -> bool {
    share(simd, n, a) <= most::<S>()
}

/// The share up to which leaving out zeros pays, unless said otherwise.
#[inline(always)]
fn most<S: Simd>() -> f64 {
    if wide::<S>() && multiplies_whole() { WHOLE } else { LIGHT }
}

/// About which share of `n` rows of `a` is not zero.
#[inline(always)]
fn share<'a, S: Simd>(simd: S, n: usize, a: impl Iterator<Item = &'a [Lanes]>) -> f64 {
    let (mut looked_at, mut found) = (0usize, 0);
    for a in a {
        for row in a[..n].iter().step_by(SAMPLE) {
            looked_at += LANES;
            found += bits(simd, [row]).count_ones();
        }
    }
    f64::from(found) / f64::from(looked_at.max(1) as u32)
}

/// The bits of the numbers of a band's row that are not zero.
#[inline(always)]
fn bits<S: Simd, const N: usize>(simd: S, row: [&Lanes; N]) -> u64 {
    let mut bits = 0;
    for (x, shift) in row.iter().zip((0..).step_by(LANES)) {
        bits |= u64::from(x.load(simd).nonzero()) << shift;
    }
    bits
}

/// `sum += x . b` for G panels of B, over the numbers of `x` whose `bits` are set.
#[inline(always)]
fn times<S: Simd, const G: usize>(
    simd: S,
    mut bits: u64,
    x: impl Fn(usize) -> f32,
    b: [&[Lanes]; G],
    sum: &mut [f32x16<S>; G],
) {
    // One length for all, so that one bounds check serves all.
    let n = b[0].len();
    let b = b.map(|b| &b[..n]);
    while bits != 0 {
        let k = bits.trailing_zeros() as usize % BITS;
        bits &= bits - 1;
        let x = f32x16::splat(simd, x(k));
        for g in 0..G {
            sum[g] = x.mul_add(b[g][k].load(simd), sum[g]);
        }
    }
}

/// C = A B + start for G panels of C with `n` rows.
#[inline(always)]
pub fn product<'a, S: Simd, const G: usize>(
    simd: S,
    n: usize,
    mut a: impl Iterator<Item = &'a [Lanes]>,
    b: [&[Lanes]; G],
    start: [f32x16<S>; G],
    mut c: [&mut [Lanes]; G],
) {
    let rows = b[0].len();
    for (c, start) in c.iter_mut().zip(start) {
        for c in &mut c[..n] {
            c.store(start);
        }
    }
    for at in (0..rows).step_by(BITS) {
        let band: [&[Lanes]; BAND] = array::from_fn(
            #[inline(always)]
            |_| a.next().unwrap_or_default(),
        );
        let b = b.map(|b| &b[at..rows.min(at + BITS)]);
        for i in 0..n {
            let x = band.map(|a| a.get(i).copied().unwrap_or_default());
            let bits = bits(simd, x.each_ref());
            let x = x.map(|x| x.0);
            let x = x.as_flattened();
            let mut sum = array::from_fn(
                #[inline(always)]
                |g| c[g][i].load(simd),
            );
            times(
                simd,
                bits,
                #[inline(always)]
                |k| x[k],
                b,
                &mut sum,
            );
            for g in 0..G {
                c[g][i].store(sum[g]);
            }
        }
    }
}

/// Changes the weights of G `panels` by their gradient `dw = a^T . dz`.
#[inline(always)]
pub fn gradient<'a, S: Simd, const G: usize>(
    simd: S,
    a: impl Iterator<Item = &'a [Lanes]>,
    dz: [&[Lanes]; G],
    rule: Rule<f32>,
    panels: &mut [Panel],
) {
    let n = dz[0].len();
    let inputs = panels[0].weights.len() - 1;
    let zero = f32x16::splat(simd, 0.0);
    let mut x = [[Lanes::default(); LANES]; BAND];
    let mut sums = [[Lanes::default(); G]; LANES];
    let last = n.saturating_sub(1) / BITS * BITS;
    for (input_panel, a) in a.enumerate() {
        let nodes = LANES.min(inputs.saturating_sub(input_panel * LANES));
        for first in (0..n).step_by(BITS) {
            let end = n.min(first + BITS);
            // Turned round, the answers of a node to the images lie side by side.
            let mut images = a[first..end].chunks(LANES);
            for x in &mut x {
                match images.next() {
                    Some(images) => transpose_some(simd, images, x),
                    None => x.fill(Lanes::default()),
                }
            }
            let rows: [u64; LANES] = array::from_fn(
                #[inline(always)]
                |node| {
                    bits(
                        simd,
                        x.each_ref().map(
                            #[inline(always)]
                            |x| &x[node],
                        ),
                    )
                },
            );
            let dz = dz.map(|dz| &dz[first..end]);
            for node in 0..nodes {
                let mut sum = [zero; G];
                if first > 0 {
                    for g in 0..G {
                        sum[g] = sums[node][g].load(simd);
                    }
                }
                times(
                    simd,
                    rows[node],
                    #[inline(always)]
                    |k| x[k / LANES][node].0[k % LANES],
                    dz,
                    &mut sum,
                );
                if first < last {
                    for g in 0..G {
                        sums[node][g].store(sum[g]);
                    }
                } else {
                    update(simd, rule, panels, input_panel * LANES + node, sum);
                }
            }
        }
    }
}

/// Whether so few answers of `inputs` to `n` images are not zero that [`backward`] is the faster form. With too few
/// registers it never is: the deltas would be read again for every answer (measured with AVX2: 1.4 times the epoch).
#[inline(always)]
pub fn backward_pays<S: Simd>(simd: S, n: usize, inputs: &[Nodes]) -> bool {
    let most = if multiplies_whole() { WHOLE } else { SILENT };
    wide::<S>() && share(simd, n, inputs.iter().map(|nodes| &nodes.answers[..])) <= most
}

/// The gradient `da = dz . w^T` by the answers of up to [`super::dense::GROUP`] panels of inputs, number `first` and on,
/// where they are not zero: where they are, ReLU's slope makes it zero anyway. From the M panels of nodes `above`, whose
/// deltas of an image stay in registers.
#[inline(always)]
pub fn backward<S: Simd, const M: usize>(
    simd: S,
    n: usize,
    above: &[Nodes; M],
    panels: &[Panel; M],
    first: usize,
    inputs: &mut [Nodes],
) {
    let end = panels[0].weights.len() - 1;
    let dz = above.each_ref().map(|nodes| &nodes.deltas[..n]);
    for (at, inputs) in (first * LANES..).step_by(LANES).zip(inputs) {
        let rows = panels.each_ref().map(|panel| &panel.weights[at..end.min(at + LANES)]);
        for (i, (a, da)) in inputs.answers.iter().zip(&mut inputs.deltas[..n]).enumerate() {
            let dz = dz.map(
                #[inline(always)]
                |dz| dz[i].load(simd),
            );
            *da = Lanes::default();
            let mut bits = bits(simd, [a]);
            while bits != 0 {
                let k = bits.trailing_zeros() as usize % LANES;
                bits &= bits - 1;
                // Two sums, or each multiply-add would wait for the one before.
                let mut sums = [f32x16::splat(simd, 0.0); 2];
                for m in 0..M {
                    sums[m % 2] = dz[m].mul_add(rows[m][k].load(simd), sums[m % 2]);
                }
                da.0[k] = (sums[0] + sums[1]).reduce_sum();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::simd::{Level, dispatch, tile};
    use crate::train::dense::{self, GROUP};
    use crate::train::forward;
    use crate::train::test_data::levels;

    fn is_wide(level: Level) -> bool {
        fn of<S: Simd>(_: S) -> bool {
            wide::<S>()
        }
        dispatch!(level, simd => of(simd))
    }

    /// `n_panels` panels of `rows` rows, of which only so many are not zero but of random numbers with this `density`.
    fn panels(rng: &mut ChaCha8Rng, n_panels: usize, rows: usize, used: usize, density: f64) -> Vec<Vec<Lanes>> {
        let mut number = |row| if row < used && rng.random_bool(density) { rng.random_range(-1.0..1.0) } else { 0.0 };
        let mut panel = || (0..rows).map(|row| Lanes(array::from_fn(|_| number(row)))).collect();
        (0..n_panels).map(|_| panel()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn leaving_out_zeros_changes_no_bit(
            n in 1usize..150,
            inputs in 1usize..150,
            density in 0f64..1.0,
            seed: u64,
        ) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let rows = tile::padded(n);
            let mut a = panels(&mut rng, inputs.div_ceil(LANES), rows, n, density);
            // What fills up the last panel is zero.
            for row in a.last_mut().unwrap() {
                row.0[(inputs - 1) % LANES + 1..].fill(0.0);
            }
            let a = || a.iter().map(Vec::as_slice);
            let layer: Vec<Panel> = panels(&mut rng, GROUP, inputs + 1, inputs + 1, 1.0)
                .into_iter()
                .map(|weights| Panel { weights, slots: Default::default() })
                .collect();
            let mut nodes: Vec<Nodes> = panels(&mut rng, GROUP, rows, n, 1.0)
                .into_iter()
                .map(|deltas| Nodes { answers: deltas.clone(), deltas, turned: Vec::new() })
                .collect();
            let rule = Rule::Sgd { rate: 0.1 };
            for level in levels() {
                let (mut learned, mut plain) = (layer.clone(), layer.clone());
                dispatch!(level, simd => {
                    let weights = layer.first_chunk::<GROUP>().unwrap().each_ref();
                    let start = weights.map(|p| p.weights[inputs].load(simd));
                    let z = nodes.first_chunk_mut::<GROUP>().unwrap().each_mut().map(|nodes| &mut nodes.answers[..]);
                    product(simd, n, a(), weights.map(|p| &p.weights[..inputs]), start, z);
                });
                let z: Vec<_> = nodes.iter().map(|nodes| nodes.answers[..n].to_vec()).collect();
                dispatch!(level, simd => dense::forward_pairs(simd, n, a(), &layer, &mut forward::rows(&mut nodes)));
                for (z, nodes) in z.iter().zip(&nodes) {
                    prop_assert_eq!(&z[..], &nodes.answers[..n], "{:?}", level);
                }
                dispatch!(level, simd => {
                    let dz = nodes.first_chunk::<GROUP>().unwrap().each_ref().map(|nodes| &nodes.deltas[..n]);
                    gradient(simd, a(), dz, rule, &mut learned);
                    dense::learn_pairs(simd, n, rule, a(), &nodes, &mut plain);
                });
                for (learned, plain) in learned.iter().zip(&plain) {
                    prop_assert_eq!(&learned.weights, &plain.weights, "{:?}", level);
                }
            }
        }
    }

    #[test]
    fn gradients_are_those_of_the_answers_that_are_not_zero() {
        const N: usize = 21;
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let layer: Vec<Panel> = panels(&mut rng, 16, 38, 38, 1.0)
            .into_iter()
            .map(|weights| Panel { weights, slots: Default::default() })
            .collect();
        let mut nodes = |n_panels, density| -> Vec<Nodes> {
            let answers = panels(&mut rng, n_panels, 24, N, density);
            answers.into_iter().map(|answers| Nodes { deltas: answers.clone(), answers, turned: Vec::new() }).collect()
        };
        let above: [Nodes; 16] = nodes(16, 1.0).try_into().unwrap();
        let many = nodes(3, 0.9);
        // 37 inputs: those that fill up the last panel answer nothing.
        let mut few = nodes(3, 0.3);
        few[2].answers.iter_mut().for_each(|row| row.0[5..].fill(0.0));
        for level in levels() {
            let layer = layer.first_chunk().unwrap();
            let has_room = is_wide(level);
            for (inputs, are_few) in [(&many, false), (&few, true)] {
                let pays = dispatch!(level, simd => backward_pays(simd, N, inputs));
                assert_eq!(pays, has_room && are_few, "{level:?}");
            }
            dispatch!(level, simd => backward::<_, 16>(simd, N, &above, layer, 0, &mut few));
            for (i, k) in (0..N).flat_map(|i| (0..37).map(move |k| (i, k))) {
                let nodes = above.iter().zip(layer).flat_map(|(nodes, panel)| {
                    nodes.deltas[i].0.iter().zip(&panel.weights[k].0).map(|(&d, &w)| f64::from(d) * f64::from(w))
                });
                let input = &few[k / LANES];
                let silent = input.answers[i].0[k % LANES] == 0.0;
                let expected = if silent { 0.0 } else { nodes.sum() };
                let got = f64::from(input.deltas[i].0[k % LANES]);
                assert!((got - expected).abs() < 1e-4, "{level:?} image {i} input {k}: {got} instead of {expected}");
            }
        }
    }

    #[test]
    fn pays_where_most_is_zero() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for density in [0.0, 0.3, 0.5, 0.65, 0.8, 1.0] {
            let a = panels(&mut rng, 8, 64, 64, density);
            let a = || a.iter().map(Vec::as_slice);
            for level in levels() {
                let pays = dispatch!(level, simd => [product_pays(simd, 64, a()), gradient_pays(simd, 64, a())]);
                let most = match (is_wide(level), multiplies_whole()) {
                    (true, true) => [WHOLE; 2],
                    (true, false) => [LIGHT; 2],
                    (false, _) => [NARROW, LIGHT],
                };
                assert_eq!(pays, most.map(|most| density < most), "{density} {level:?}");
            }
        }
    }
}
