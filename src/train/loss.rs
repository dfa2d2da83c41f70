//! Softmax cross-entropy of logits in one panel: at most 16 classes. The same as [`crate::nn::loss::cross_entropy`].

use crate::data::CLASSES;
use crate::nn::loss::argmax;
use crate::simd::lanes::Lanes;

/// Loss summed over these images, right answers, and in `deltas` the gradient by the logits of the *mean* loss of the
/// batch of `batch` images that they are part of.
///
/// A logit that is not finite makes the loss not finite.
pub fn cross_entropy(
    logits: &[Lanes],
    labels: impl Iterator<Item = u8>,
    deltas: &mut [Lanes],
    batch: usize,
) -> (f64, usize) {
    let scale = 1.0 / batch as f32;
    let (mut loss, mut correct) = (0.0, 0);
    for ((logits, delta), label) in logits.iter().zip(deltas).zip(labels) {
        let Some(logits) = logits.0.first_chunk::<CLASSES>() else { break };
        let label = usize::from(label);
        let answer = argmax(logits.iter().copied());
        let top = logits[answer];
        let shares = logits.map(|z| (z - top).exp());
        let sum: f32 = shares.iter().sum();
        let broken = logits.iter().any(|z| !z.is_finite());
        loss += if broken { f64::NAN } else { f64::from(sum.ln() + top - logits[label]) };
        correct += usize::from(answer == label);
        for (class, (d, share)) in delta.0.iter_mut().zip(shares).enumerate() {
            *d = (share / sum - f32::from(u8::from(class == label))) * scale;
        }
    }
    (loss, correct)
}
