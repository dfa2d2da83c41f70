//! Softmax cross-entropy on logits, and accuracy.

#![expect(clippy::needless_pass_by_value, reason = "a view is a reference already")]

use ndarray::{Array2, ArrayView2, NdFloat};

/// How wrong a batch of logits is, and in which direction.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossEntropy<F> {
    /// Sum over the batch of `-ln softmax(logits)[label]`, in nats.
    pub loss: f64,
    /// Images whose highest logit is their label's (the first one of equals counts).
    pub correct: usize,
    /// The gradient of the *sum* by the logits, `(n, classes)`: softmax minus one-hot.
    pub d_logits: Array2<F>,
}

/// Cross-entropy of `logits` (n, classes) against `labels` (n).
///
/// The highest logit is subtracted before the exponential, so large logits do not overflow. A logit that is not finite
/// makes the loss not finite.
///
/// # Panics
/// If a label is not a class, or there are not as many labels as rows.
#[must_use]
pub fn cross_entropy<F: NdFloat>(logits: ArrayView2<F>, labels: &[u8]) -> CrossEntropy<F> {
    assert_eq!(logits.nrows(), labels.len(), "one label a row");
    let mut out = CrossEntropy { loss: 0.0, correct: 0, d_logits: logits.to_owned() };
    for (mut row, &label) in out.d_logits.outer_iter_mut().zip(labels) {
        let label = usize::from(label);
        let answer = argmax(row.iter().copied());
        let (top, own) = (row[answer], row[label]);
        if !row.iter().all(|z| z.is_finite()) {
            out.loss = f64::NAN;
        }
        row.mapv_inplace(|z| (z - top).exp());
        let sum = row.sum();
        row.mapv_inplace(|e| e / sum);
        row[label] -= F::one();
        out.loss += (sum.ln() + top - own).to_f64().unwrap_or(f64::NAN);
        out.correct += usize::from(answer == label);
    }
    out
}

/// Position of the highest value, the first one of equals.
pub fn argmax<F: PartialOrd>(values: impl IntoIterator<Item = F>) -> usize {
    let mut values = values.into_iter().enumerate();
    let Some((mut best, mut top)) = values.next() else { return 0 };
    for (i, value) in values {
        if value > top {
            (best, top) = (i, value);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use ndarray::array;

    use super::*;

    // import numpy as np
    // z = np.array([[1., 2., 3.], [2., 2., -1.], [1000., 0., -1000.]]); y = [0, 1, 0]
    // e = np.exp(z - z.max(1, keepdims=True)); p = e / e.sum(1, keepdims=True)
    // print((-np.log(p[range(3), y])).sum()); p[range(3), y] -= 1; print(p)
    #[test]
    fn equals_numpy() {
        let z = array![[1.0, 2.0, 3.0], [2.0, 2.0, -1.0], [1000.0, 0.0, -1000.0]];
        let got = cross_entropy(z.view(), &[0, 1, 0]);
        assert_relative_eq!(got.loss, 3.125_341_883_111_082_6, max_relative = 1e-14);
        // Row 1 has two equal tops; the first one, 0, is the answer.
        assert_eq!(got.correct, 1);
        let expected = array![
            [-0.909_969_426_829_619_6, 0.244_728_471_054_797_64, 0.665_240_955_774_821_8],
            [0.487_855_551_160_368_4, -0.512_144_448_839_631_6, 0.024_288_897_679_263_205],
            [0.0, 0.0, 0.0]
        ];
        assert!((got.d_logits - expected).iter().all(|d: &f64| d.abs() < 1e-14));
    }

    #[test]
    fn a_broken_logit_breaks_the_loss() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let z = array![[bad, 0.0, 1.0]];
            for label in 0..3 {
                assert!(!cross_entropy(z.view(), &[label]).loss.is_finite(), "{bad} at label {label}");
            }
        }
    }
}
