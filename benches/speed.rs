//! How close to the limit of this machine training runs.
//!
//! ```text
//! cargo bench --bench speed -- --data DIR [--batch 128] [--optimizer sgd] [--threads 1] [--epochs 4] [--hidden 512,256]
//! ```
//!
//! Prints one line an epoch, then the median: seconds, images a second, and the *dense-equivalent* rate (the
//! multiplications and additions of an epoch as if no pixel were zero, over the time), beside the rate at which this
//! machine can do fused multiply-adds at all, probed before each epoch.
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use fearless_simd::{Level, Simd, dispatch, prelude::*};
use weightscope::data::{Dataset, Split};
use weightscope::nn::{Activation, Init, Optimizer, Shape};
use weightscope::train::{Options, Trainer};

fn idx(path: &Path) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut out).unwrap();
    out
}

/// Processor seconds of this process.
fn cpu() -> f64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 / 1e9
}

/// This machine's rate of fused multiply-adds on one thread, in GFLOP a processor second: twelve independent chains.
#[inline(always)]
fn chains<S: Simd>(simd: S, rounds: usize) -> f32 {
    let (a, b) = (S::f32s::splat(simd, 0.999_999), S::f32s::splat(simd, 1e-7));
    let mut sums = [S::f32s::splat(simd, 1.0); 12];
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = sum.mul_add(a, b);
        }
    }
    sums.into_iter().fold(S::f32s::splat(simd, 0.0), |x, y| x + y).as_slice()[0]
}

fn peak() -> f64 {
    let rounds = 10_000_000;
    let level = Level::new();
    let start = cpu();
    let lanes =
        dispatch!(level, simd => { std::hint::black_box(chains(simd, std::hint::black_box(rounds))); lanes(simd) });
    (rounds * 24 * lanes) as f64 / (cpu() - start) / 1e9
}

#[inline(always)]
fn lanes<S: Simd>(_: S) -> usize {
    S::f32s::LEN
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let get = |name: &str, default: &str| {
        args.iter().position(|a| a == name).map_or(default.to_string(), |i| args[i + 1].clone())
    };
    let dir = get("--data", "");
    let dir = Path::new(&dir);
    let split = |name: &str| {
        let images = idx(&dir.join(format!("{name}-images-idx3-ubyte.gz")));
        let labels = idx(&dir.join(format!("{name}-labels-idx1-ubyte.gz")));
        Split::new(images[16..].to_vec(), labels[8..].to_vec())
    };
    let data = Arc::new(Dataset {
        name: "mnist".into(),
        train: split("train"),
        test: split("t10k"),
        class_names: std::array::from_fn(|i| i.to_string()),
    });
    let rate: f32 = get("--rate", "0").parse().unwrap();
    let optimizer = match get("--optimizer", "sgd").as_str() {
        "sgd" => Optimizer::Sgd { learning_rate: 0.1 },
        "momentum" => Optimizer::Momentum { learning_rate: 0.01, momentum: 0.9 },
        "rmsprop" => Optimizer::default(),
        _ => Optimizer::Adam { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    };
    let optimizer = if rate > 0.0 { optimizer.with_learning_rate(rate) } else { optimizer };
    let hidden = get("--hidden", "512,256");
    let options = Options {
        shape: Shape {
            inputs: 784,
            hidden: if hidden == "none" { vec![] } else { hidden.split(',').map(|w| w.parse().unwrap()).collect() },
            outputs: 10,
            activation: match get("--activation", "relu").as_str() {
                "tanh" => Activation::Tanh,
                "sigmoid" => Activation::Sigmoid,
                _ => Activation::Relu,
            },
            init: Init::GlorotUniform,
        },
        optimizer,
        batch_size: get("--batch", "128").parse().unwrap(),
        epochs: 0,
        seed: get("--seed", "1").parse().unwrap(),
        threads: get("--threads", "1").parse().unwrap(),
        train_size: get("--train-size", "60000").parse().ok(),
    };
    let t = Instant::now();
    let mut trainer = Trainer::new(data, &options).unwrap();
    println!("new {:.3}", t.elapsed().as_secs_f64());
    let t = Instant::now();
    let model = trainer.model();
    println!("model {:.3} ms of {}", t.elapsed().as_secs_f64() * 1e3, model.n_parameters());
    println!("epoch 0 {:.4}", trainer.evaluate().accuracy);
    for epoch in 1..=get("--epochs", "4").parse().unwrap() {
        let peak = peak();
        let (start, c) = (Instant::now(), cpu());
        for _ in 0..trainer.steps_per_epoch() {
            trainer.step().unwrap();
        }
        let seconds = start.elapsed().as_secs_f64();
        let c = cpu() - c;
        let e = trainer.evaluate();
        let s = trainer.last_epoch().unwrap();
        println!(
            "epoch {epoch} {seconds:.3} s cpu {c:.3} s peak {peak:.0} ratio {:.2}  train {:.5} {:.4}  test {:.4} {:.4}",
            144.445 / c / peak,
            s.loss / s.seen as f64,
            s.correct as f64 / s.seen as f64,
            e.loss,
            e.accuracy
        );
    }
}
