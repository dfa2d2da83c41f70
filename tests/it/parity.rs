//! The training engine against plain array operations, on real MNIST. Not in the default suite, since it trains for a
//! minute:
//!
//! `WEIGHTSCOPE_MNIST=… cargo test --release parity -- --ignored --nocapture`

#![expect(clippy::print_stdout, reason = "the measured figures are worth reading beside the verdict")]

use std::sync::Arc;

use ndarray::Array2;
use weightscope::data::source::{Places, locate};
use weightscope::data::{Dataset, PIXELS, Source};
use weightscope::nn::{Activation, Init, Linear, Mlp, Optimizer, Shape, loss};
use weightscope::train::{Options, Trainer, shuffle};

const EPOCHS: usize = 3;

fn mnist() -> Arc<Dataset> {
    let located = locate(&Source::Mnist, &Places::of_process()).expect("MNIST in $WEIGHTSCOPE_MNIST");
    Arc::new(located.load().unwrap())
}

fn options(optimizer: Optimizer, threads: usize) -> Options {
    let shape = Shape {
        inputs: PIXELS,
        hidden: vec![512, 256],
        outputs: 10,
        activation: Activation::Relu,
        init: Init::GlorotUniform,
    };
    Options { shape, optimizer, batch_size: 128, epochs: EPOCHS, seed: 1, threads, train_size: None }
}

/// The mean loss of each epoch, and the network after the last.
fn trained(data: &Arc<Dataset>, options: &Options) -> (Vec<f64>, Mlp) {
    let mut trainer = Trainer::new(Arc::clone(data), options).unwrap();
    let mut losses = Vec::new();
    while trainer.epoch() < EPOCHS {
        trainer.step().unwrap();
        if trainer.epoch() > losses.len() {
            losses.push(trainer.last_epoch().unwrap().loss / data.train.len() as f64);
        }
    }
    (losses, trainer.model())
}

/// The same losses from products of whole arrays, in the same precision and with the same images in each step.
fn plain(data: &Dataset, options: &Options) -> Vec<f64> {
    let (train, batch) = (&data.train, options.batch_size);
    let mut model = Mlp::<f32>::new(&options.shape, options.seed);
    let zeros: Vec<_> = model.layers.iter().map(|l| Linear::zeros(l.inputs(), l.nodes())).collect();
    let mut slots = vec![zeros; options.optimizer.n_slots()];
    let mut step = 0;
    let epoch = |epoch| {
        let mut sum = 0.0;
        for images in shuffle::order(train.len(), options.seed, epoch).chunks(batch) {
            step += 1;
            let pixel = |(i, p): (usize, usize)| f32::from(train.image(images[i] as usize)[p]) / 255.0;
            let x = Array2::from_shape_fn((images.len(), PIXELS), pixel);
            let labels: Vec<u8> = images.iter().map(|&i| train.labels()[i as usize]).collect();
            let answers = model.forward(x.view());
            let judged = loss::cross_entropy(answers[answers.len() - 1].view(), &labels);
            let gradients = model.backward(x.view(), &answers, judged.d_logits / images.len() as f32);
            options.optimizer.rule(step).update_layers(&mut model.layers, &gradients, &mut slots);
            sum += judged.loss;
        }
        sum / train.len() as f64
    };
    (0..EPOCHS).map(epoch).collect()
}

#[test]
#[ignore = "needs MNIST, trains for a minute"]
fn parity_of_the_loss_and_of_the_bits() {
    let data = mnist();
    let adam = Optimizer::Adam { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
    for (optimizer, spread) in [(Optimizer::Sgd { learning_rate: 0.1 }, 0.001), (adam, 0.02)] {
        let (losses, model) = trained(&data, &options(optimizer, 1));
        let plain = plain(&data, &options(optimizer, 1));
        println!("{}: losses {losses:?}, plain {plain:?}", optimizer.name());
        for (loss, plain) in losses.iter().zip(&plain) {
            assert!((loss - plain).abs() <= spread * plain, "{}: {loss}, plain {plain}", optimizer.name());
        }
        for threads in [2, 3] {
            let (same_losses, same) = trained(&data, &options(optimizer, threads));
            assert!(same_losses == losses && same == model, "{}, {threads} threads", optimizer.name());
        }
    }
}
