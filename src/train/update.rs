//! The optimizer's update of a row of 16 nodes: [`Rule::update`] in vector registers.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]

use super::network::Panel;
use crate::nn::optim::Rule;
use crate::simd::lanes::Lanes;
use crate::simd::{Simd, f32x16};

/// What an optimizer remembers is taken for zero when it is smaller: no step along it could be seen in any weight. Left
/// alone, the memory of a pixel that no image inks any more would halve and halve until it has lost digits, and
/// processors compute such numbers slowly, Intel's a hundred times so (measured: Adam at batch 32 took 1.9 times as long).
const LEAST: f32 = 1e-30;

/// [`Rule::update`] for row `row` of the weights of some panels, by their 16 gradients each.
#[inline(always)]
pub fn update<S: Simd, const P: usize>(
    simd: S,
    rule: Rule<f32>,
    panels: &mut [Panel],
    row: usize,
    gradients: [f32x16<S>; P],
) {
    let Some(panels) = panels.first_chunk_mut::<P>() else { return };
    // An iterator over `gradients` would keep them in memory, not in registers (measured: 6 % of a step).
    for p in 0..P {
        let Panel { weights, slots: [first, second] } = &mut panels[p];
        let (w, g) = (&mut weights[row], gradients[p]);
        match rule {
            Rule::Sgd { rate } => w.store(w.load(simd) - g * rate),
            Rule::Momentum { rate, momentum } => {
                let velocity = remembered(simd, first[row].load(simd) * momentum - g * rate);
                first[row].store(velocity);
                w.store(w.load(simd) + velocity);
            }
            Rule::RmsProp { rate, rho, epsilon } => {
                let square = remembered(simd, first[row].load(simd) * rho + g * g * (1.0 - rho));
                first[row].store(square);
                w.store(w.load(simd) - g * rate / (square.sqrt() + epsilon));
            }
            Rule::Adam { rate, beta1, beta2, epsilon } => {
                let (mean, square) = (first[row].load(simd), second[row].load(simd));
                let mean = remembered(simd, mean + (g - mean) * (1.0 - beta1));
                let square = remembered(simd, square + (g * g - square) * (1.0 - beta2));
                first[row].store(mean);
                second[row].store(square);
                w.store(w.load(simd) - mean * rate / (square.sqrt() + epsilon));
            }
        }
    }
}

/// Without what is smaller than [`LEAST`].
#[inline(always)]
fn remembered<S: Simd>(simd: S, memory: f32x16<S>) -> f32x16<S> {
    memory.abs().if_less(f32x16::splat(simd, LEAST), f32x16::splat(simd, 0.0), memory)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::nn::Optimizer;
    use crate::simd::dispatch;
    use crate::train::test_data::levels;

    proptest! {
        #[test]
        fn is_the_plain_rule_for_each_of_the_sixteen(
            w in prop::array::uniform16(-2f32..2.0),
            g in prop::array::uniform16(prop_oneof![Just(0f32), -1f32..1.0, -1e-6f32..1e-6, -1e6f32..1e6]),
            m in prop::array::uniform16(-1f32..1.0),
            v in prop::array::uniform16(0f32..1.0),
            step in 1u64..10_000,
        ) {
            for optimizer in [
                Optimizer::Sgd { learning_rate: 0.1 },
                Optimizer::Momentum { learning_rate: 0.1, momentum: 0.9 },
                Optimizer::default(),
                Optimizer::Adam { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
            ] {
                let rule = optimizer.rule::<f32>(step);
                let first = if matches!(rule, Rule::RmsProp { .. }) { v } else { m };
                let (mut plain, mut slots) = (w, [first, v]);
                let [one, two] = &mut slots;
                rule.update(&mut plain, &g, [one, two]);
                for level in levels() {
                    let mut panel = Panel { weights: vec![Lanes(w)], slots: [vec![Lanes(first)], vec![Lanes(v)]] };
                    let panels = std::slice::from_mut(&mut panel);
                    dispatch!(level, simd => update(simd, rule, panels, 0, [Lanes(g).load(simd)]));
                    let Panel { weights, slots: [one, two] } = &panel;
                    for i in 0..16 {
                        let close = |a: f32, b: f32| (a - b).abs() <= 1e-6 * (1.0 + b.abs());
                        prop_assert!(close(weights[0].0[i], plain[i]), "{:?} {:?}: {} {}", level, rule, weights[0].0[i], plain[i]);
                        prop_assert!(close(one[0].0[i], slots[0][i]) && close(two[0].0[i], slots[1][i]));
                    }
                }
            }
        }
    }

    /// A number below the smallest one with all its digits is computed a hundred times slower by some processors.
    #[test]
    fn a_memory_that_fades_ends_at_zero() {
        for optimizer in [
            Optimizer::Momentum { learning_rate: 0.1, momentum: 0.5 },
            Optimizer::RmsProp { learning_rate: 0.001, rho: 0.5, epsilon: 1e-7 },
            Optimizer::Adam { learning_rate: 0.001, beta1: 0.5, beta2: 0.5, epsilon: 1e-7 },
        ] {
            for level in levels() {
                let memory =
                    vec![Lanes([1.0, -1.0, 1e-20, -1e-20, 1e-29, 0.0, 3.0, 1e10].repeat(2).try_into().unwrap())];
                let squares = vec![Lanes(memory[0].0.map(f32::abs))];
                let first = if matches!(optimizer, Optimizer::RmsProp { .. }) { squares.clone() } else { memory };
                let slots = [first, squares];
                let mut panel = Panel { weights: vec![Lanes([0.5; 16])], slots };
                let mut past = panel.clone();
                for step in 1..=200 {
                    let panels = std::slice::from_mut(&mut panel);
                    let rule = optimizer.rule(step);
                    dispatch!(level, simd => update(simd, rule, panels, 0, [Lanes::default().load(simd)]));
                    let remembered = optimizer.n_slots();
                    for slot in &panel.slots[..remembered] {
                        assert!(
                            slot[0].0.iter().all(|x| !x.is_subnormal()),
                            "{level:?} {optimizer:?} {step}: {slot:?}"
                        );
                    }
                    if panel.slots[..remembered].iter().all(|slot| slot[0] == Lanes::default()) {
                        break;
                    }
                    past = panel.clone();
                }
                assert_eq!(panel.slots[0][0], Lanes::default(), "{level:?} {optimizer:?}");
                assert_eq!(
                    panel.weights, past.weights,
                    "{level:?} {optimizer:?}: what was dropped would not have shown"
                );
            }
        }
    }
}
