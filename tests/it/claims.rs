//! What the article and this program claim about trained networks, on real MNIST. Not in the default suite, since it
//! trains for minutes:
//!
//! `WEIGHTSCOPE_MNIST=… cargo test --release claims -- --ignored --nocapture`

#![expect(clippy::print_stdout, reason = "the measured figures are worth reading beside the verdict")]

use std::sync::{Arc, LazyLock};

use weightscope::data::source::{Places, locate};
use weightscope::data::{Dataset, PIXELS, Source};
use weightscope::lens::held_out::HeldOut;
use weightscope::lens::looker::Question;
use weightscope::lens::numbers::Numbers;
use weightscope::lens::page::exact_maps;
use weightscope::lens::provenance::Provenance;
use weightscope::lens::statistics::Statistics;
use weightscope::lens::{Lens, Map, NodeId, Over, measure};
use weightscope::nn::{Activation, Init, Mlp, Optimizer, Shape};
use weightscope::train::{Options, Trainer};

static MNIST: LazyLock<Arc<Dataset>> = LazyLock::new(|| {
    let located = locate(&Source::Mnist, &Places::of_process()).expect("MNIST in $WEIGHTSCOPE_MNIST");
    Arc::new(located.load().unwrap())
});
static HELD_OUT: LazyLock<Arc<HeldOut>> = LazyLock::new(|| Arc::new(HeldOut::new(Arc::clone(&MNIST))));
static STATISTICS: LazyLock<Statistics> = LazyLock::new(|| Statistics::of(&MNIST.train));

const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;

/// A network after six epochs, and its test accuracy.
fn trained(hidden: &[usize], train_size: usize, seed: u64) -> (Arc<Mlp>, f64) {
    let shape = Shape {
        inputs: PIXELS,
        hidden: hidden.to_vec(),
        outputs: 10,
        activation: Activation::Relu,
        init: Init::GlorotUniform,
    };
    let options = Options {
        shape,
        optimizer: Optimizer::default(),
        batch_size: 128,
        epochs: 6,
        seed,
        threads: 2,
        train_size: Some(train_size),
    };
    let mut trainer = Trainer::new(Arc::clone(&MNIST), &options).unwrap();
    while trainer.epoch() < 6 {
        trainer.step().unwrap();
    }
    (Arc::new(trainer.model()), trainer.evaluate().accuracy)
}

fn faithfulness_of_outputs(numbers: &Numbers) -> f64 {
    numbers.per_layer.last().unwrap().faithfulness_mean.unwrap()
}

/// The maps of the outputs through a lens.
fn output_maps(model: &Arc<Mlp>, lens: Lens, over: Over) -> Vec<Vec<f64>> {
    let question = Question { lens, over, layer: model.layers.len() - 1 };
    let maps = exact_maps(model, question, Some(&HELD_OUT)).unwrap();
    maps.iter().map(|Map { raw, .. }| raw.iter().map(|&v| f64::from(v)).collect()).collect()
}

/// Mean over the outputs of the match of map k with template k.
fn template_match(maps: &[Vec<f64>]) -> f64 {
    measure::mean(maps.iter().enumerate().map(|(k, map)| STATISTICS.template_match(map, k))).unwrap()
}

/// Mean over the outputs of the share of a map's energy on edge pixels.
fn edge_share(maps: &[Vec<f64>]) -> f64 {
    measure::mean(maps.iter().map(|map| STATISTICS.edge_share(map))).unwrap()
}

#[test]
#[ignore = "needs MNIST, trains for minutes"]
fn claims_1_to_3_and_5_to_7_hold_for_three_seeds() {
    for seed in SEEDS {
        let (few, accuracy) = trained(&[512, 256], 500, seed);
        let few = Numbers::of(&few, Some(Arc::clone(&HELD_OUT))).unwrap();
        println!("seed {seed}, 500 x 6: accuracy {accuracy}, {few:#?}");
        let right = few.outputs.iter().filter(|o| o.best_template == Some(o.digit)).count();
        assert!(right >= 9, "claim 1: {right} of 10 maps match their own digit best");
        assert!(few.template_match.unwrap() >= 0.60, "claim 1");

        let (model, accuracy) = trained(&[512, 256], 60_000, seed);
        let all = Numbers::of(&model, Some(Arc::clone(&HELD_OUT))).unwrap();
        println!("seed {seed}, 60,000 x 6: accuracy {accuracy}, {all:#?}");
        assert!(few.template_match.unwrap() - all.template_match.unwrap() >= 0.10, "claim 2");
        assert!(faithfulness_of_outputs(&few) >= 0.90 && faithfulness_of_outputs(&all) <= 0.60, "claim 3");
        for (numbers, first_is_structured) in [(&few, false), (&all, true)] {
            let structure: Vec<f64> = numbers.per_layer.iter().map(|layer| layer.structure.unwrap()).collect();
            assert!(if first_is_structured { structure[0] > 0.30 } else { structure[0] < 0.10 }, "claim 3");
            assert!(structure[1] > structure[0], "claim 3");
        }

        for (digit, map) in output_maps(&model, Lens::Plain, Over::Own).into_iter().enumerate() {
            let map = ndarray::Array1::from(map);
            let (mean, deviation) = (map.mean().unwrap(), map.std(0.0));
            let bottom = (25..28).flat_map(|y| (6..22).map(move |x| y * 28 + x)).map(|p| map[p]);
            let z = (bottom.sum::<f64>() / 48.0 - mean) / deviation;
            assert!(if [7, 9].contains(&digit) { z > 1.0 } else { z < 0.6 }, "claim 5: digit {digit}, z-score {z}");
        }

        let bias = &model.layers[2].bias;
        let largest = (0..10).max_by(|&a, &b| bias[a].total_cmp(&bias[b])).unwrap();
        let ghost = |digit: &usize| all.outputs[*digit].plain_vs_bias.unwrap();
        let lowest = (0..10).min_by(|a, b| ghost(a).total_cmp(&ghost(b))).unwrap();
        assert_eq!(largest, lowest, "claim 6");
        assert!(ghost(&lowest) < 0.3, "claim 6: {}", ghost(&lowest));

        let (linear, accuracy) = trained(&[], 60_000, seed);
        let linear = Numbers::of(&linear, Some(Arc::clone(&HELD_OUT))).unwrap();
        println!("seed {seed}, no hidden layer: accuracy {accuracy}, template match {:?}", linear.template_match);
        assert!(linear.template_match > all.template_match, "claim 7");
        assert!((0.915..0.935).contains(&accuracy), "claim 7: {accuracy}");
        assert!(faithfulness_of_outputs(&linear) > 0.999_999 && linear.agreement == Some(1.0), "claim 7");
    }
}

#[test]
#[ignore = "needs MNIST"]
fn claims_4_and_8_hold() {
    let train = &MNIST.train;
    let mut by_class = [0.0f64; 10];
    for (i, &label) in train.labels().iter().enumerate() {
        by_class[usize::from(label)] += f64::from(u8::from(train.image(i)[26 * 28..].iter().any(|&level| level > 0)));
    }
    let sum: f64 = by_class.iter().sum();
    let share = by_class.map(|n| n / sum);
    assert!((share[7] - 0.666).abs() < 0.001 && (share[9] - 0.308).abs() < 0.001, "claim 4: {share:?}");
    assert!((0..10).filter(|c| ![7, 9].contains(c)).all(|c| share[c] <= 0.011), "claim 4: {share:?}");

    let levels: Vec<u8> = train.images().flatten().copied().collect();
    let n = levels.len() as f64;
    let mean = levels.iter().map(|&v| f64::from(v)).sum::<f64>() / n / 255.0;
    let squares = levels.iter().map(|&v| (f64::from(v) / 255.0).powi(2)).sum::<f64>() / n;
    let inked = levels.iter().filter(|&&v| v > 0).count() as f64 / n;
    assert!((mean - 0.1307).abs() < 5e-5, "claim 8: {mean}");
    assert!(((squares - mean * mean).sqrt() - 0.3081).abs() < 5e-5, "claim 8");
    assert!((inked - 0.191).abs() < 5e-4, "claim 8: {inked}");
    assert_eq!(STATISTICS.sigma.iter().filter(|&&sigma| sigma == 0.0).count(), 67, "claim 8");
}

/// The values that the lenses beyond the article were measured to have after 60,000 x 6.
#[test]
#[ignore = "needs MNIST, trains for minutes"]
fn claims_beyond_the_article_hold() {
    let (model, _) = trained(&[512, 256], 60_000, 1);
    let (plain, influence) =
        (output_maps(&model, Lens::Plain, Over::Own), output_maps(&model, Lens::Influence, Over::Own));
    let (before, after) = (edge_share(&plain), edge_share(&influence));
    println!("edge share: plain {before}, influence {after}");
    assert!(before > 0.4 && after < 0.12);

    let [pattern, own, all] = [(Lens::Pattern, Over::Own), (Lens::Gated, Over::Own), (Lens::Gated, Over::All)]
        .map(|(lens, over)| template_match(&output_maps(&model, lens, over)));
    println!("template match: plain {}, pattern {pattern}", template_match(&plain));
    assert!((0.85..0.93).contains(&pattern));
    println!("template match: gated, own class {own}, all {all}");
    assert!((0.60..0.70).contains(&own));

    let mut halves: Vec<usize> = (0..10)
        .map(|index| Provenance::of::<f64>(&model, NodeId { layer: 1, index: index * 25 }).unwrap().half())
        .collect();
    halves.sort_unstable();
    println!("nodes that make half of a map of layer 2: {halves:?}");
    assert!((30..60).contains(&halves[5]));
}
