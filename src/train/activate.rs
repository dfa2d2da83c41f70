//! The activation and its slope for panels of nodes: [`Activation`] in vector registers.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]
#![expect(clippy::many_single_char_names, reason = "the letters of the formulas")]

use crate::nn::Activation;
use crate::simd::lanes::{LANES, Lanes};
use crate::simd::{Simd, f32x16};

/// Applies the activation to the weighted sums `z` of one panel, of which `nodes` columns are real.
///
/// Returns the sum of all absolute values, which is finite only if all of them are.
#[inline(always)]
pub fn activate<S: Simd>(simd: S, activation: Activation, nodes: usize, z: &mut [Lanes]) -> f32 {
    let zero = f32x16::splat(simd, 0.0);
    let mut sum = zero;
    for row in z {
        let z = row.load(simd);
        row.store(match activation {
            Activation::Relu => z.if_less(zero, zero, z),
            Activation::Tanh => tanh(simd, z),
            Activation::Sigmoid => sigmoid(simd, z),
        });
        // Columns that only fill the panel must stay zero: sigmoid would make them 1/2.
        if nodes < LANES {
            row.0[nodes..].fill(0.0);
        }
        sum += row.load(simd).abs();
    }
    sum.reduce_sum()
}

/// Multiplies the gradients `d` by the answers `a` with the activation's slope there: gradients by the weighted sums.
///
/// Returns the sum of all absolute values, which is finite only if all of them are.
#[inline(always)]
pub fn slope<S: Simd>(simd: S, activation: Activation, a: &[Lanes], d: &mut [Lanes]) -> f32 {
    let (zero, one) = (f32x16::splat(simd, 0.0), f32x16::splat(simd, 1.0));
    let mut sum = zero;
    for (a, row) in a.iter().zip(d) {
        let (a, d) = (a.load(simd), row.load(simd));
        let d = match activation {
            Activation::Relu => zero.if_less(a, d, zero),
            Activation::Tanh => d * (one - a * a),
            Activation::Sigmoid => d * (a * (one - a)),
        };
        row.store(d);
        sum += d.abs();
    }
    sum.reduce_sum()
}

/// exp(x) to 2e-7 of itself for x up to 88; below -87 about 1e-38; NaN for NaN.
///
/// x = n ln 2 + r with n whole and |r| <= ln 2 / 2; a polynomial gives exp(r) and the exponent bits of a float 2^n (Moshier,
/// Cephes, `expf`; ln 2 is taken off in two parts so that r keeps all its bits).
#[inline(always)]
fn exp<S: Simd>(simd: S, x: f32x16<S>) -> f32x16<S> {
    let f = |value: f32| f32x16::splat(simd, value);
    // Not `min` and `max`: of a NaN these make a number.
    let x = x.if_less(f(-87.0), f(-87.0), x);
    let x = f(88.0).if_less(x, f(88.0), x);
    // So large that its last bit is worth 1: the sum is rounded to a whole number, and its last bits are n + 127.
    let large = f(1.5 * 8_388_608.0 + 127.0);
    let shifted = x * std::f32::consts::LOG2_E + large;
    let n = shifted - large;
    let power = shifted.shift_bits::<23>();
    let r = n.mul_add(f(2.121_944_4e-4), n.mul_add(f(-355.0 / 512.0), x));
    let mut p = f(1.987_569_1e-4);
    for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = p.mul_add(r, f(c));
    }
    (p * r).mul_add(r, r + 1.0) * power
}

#[inline(always)]
fn sigmoid<S: Simd>(simd: S, z: f32x16<S>) -> f32x16<S> {
    f32x16::splat(simd, 1.0) / (exp(simd, -z) + 1.0)
}

/// Near zero a polynomial (Cephes, `tanhf`), because (1 - e) / (1 + e) would lose its digits there.
#[inline(always)]
fn tanh<S: Simd>(simd: S, z: f32x16<S>) -> f32x16<S> {
    let f = |value: f32| f32x16::splat(simd, value);
    let square = z * z;
    let mut p = f(-5.704_988_7e-3);
    for c in [2.063_908_8e-2, -5.373_971_6e-2, 1.333_144_2e-1, -3.333_328e-1] {
        p = p.mul_add(square, f(c));
    }
    let near = (p * square).mul_add(z, z);
    let e = exp(simd, z.abs() * -2.0);
    let far = ((f(1.0) - e) / (e + 1.0)).copysign(z);
    z.abs().if_less(f(0.625), near, far)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Level, dispatch};
    use crate::train::test_data::levels;

    fn run(level: Level, activation: Activation, z: &[f32]) -> Vec<f32> {
        let mut rows: Vec<Lanes> =
            z.chunks(LANES).map(|z| Lanes(std::array::from_fn(|i| z.get(i).copied().unwrap_or_default()))).collect();
        dispatch!(level, simd => activate(simd, activation, LANES, &mut rows));
        rows.iter().flat_map(|row| row.0).take(z.len()).collect()
    }

    fn everywhere() -> impl Iterator<Item = (Level, Activation)> {
        let activations = [Activation::Relu, Activation::Tanh, Activation::Sigmoid];
        levels().into_iter().flat_map(move |level| activations.map(|activation| (level, activation)))
    }

    #[test]
    fn equals_the_definition_in_f64_everywhere() {
        let mut z: Vec<f32> = (-60_000..60_000).map(|i| i as f32 / 500.0).collect();
        z.extend((1..80).flat_map(|i| [1.5f32.powi(-i), -(1.5f32.powi(-i))]));
        z.extend([0.0, -0.0, 1e30, -1e30, f32::MAX, f32::MIN]);
        for (level, activation) in everywhere() {
            for (z, got) in z.iter().zip(run(level, activation, &z)) {
                let exact = activation.apply(f64::from(*z));
                let error = (f64::from(got) - exact).abs();
                assert!(error <= 3e-7 * exact.abs() + 2e-38, "{level:?} {activation:?}({z}) = {got}, not {exact}");
            }
        }
    }

    #[test]
    fn a_broken_number_stays_visible() {
        for (level, activation) in everywhere() {
            let mut rows = [Lanes([1.0; LANES]), Lanes([1.0; LANES])];
            rows[1].0[3] = f32::NAN;
            let sum = dispatch!(level, simd => activate(simd, activation, LANES, &mut rows));
            assert!(sum.is_nan() && rows[1].0[3].is_nan(), "{level:?} {activation:?}");
            let mut d = [Lanes([1.0; LANES]); 2];
            d[0].0[0] = f32::INFINITY;
            let a = [Lanes([0.5; LANES]); 2];
            let sum = dispatch!(level, simd => slope(simd, activation, &a, &mut d));
            assert!(!sum.is_finite(), "{level:?} {activation:?}");
        }
    }

    #[test]
    fn columns_that_fill_a_panel_stay_zero() {
        for level in levels() {
            let mut rows = [Lanes::default(); 3];
            let sum = dispatch!(level, simd => activate(simd, Activation::Sigmoid, 5, &mut rows));
            assert!(rows.iter().all(|row| row.0[..5] == [0.5; 5] && row.0[5..] == [0.0; 11]), "{level:?}");
            assert!((sum - 7.5).abs() < 1e-6, "{level:?}");
        }
    }
}
