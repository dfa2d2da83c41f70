//! How close to the limit of this machine training runs.
//!
//! ```text
//! cargo bench --bench speed -- [--data SOURCE | --ink SHARE] [--threads 1] [--batch-size 128] [--optimizer sgd]
//!     [--hidden 512,256] [--activation relu] [--epochs 5]
//! ```
//!
//! Prints one line an epoch: seconds, images a second, and the *dense-equivalent* rate, which is the arithmetic of an epoch
//! as if no pixel were zero, over its time. Beside it the rate at which the same threads can do fused multiply-adds at
//! all, probed right before, and the ratio of the two. Then the medians, the first epoch left out. On a machine with other
//! work the last column, processor seconds of all threads together, is the steadier one.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use color_eyre::eyre::{Result, bail};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rustix::time::{ClockId, clock_gettime};
use weightscope::data::source::{self, Places, Source};
use weightscope::data::{CLASSES, Dataset, PIXELS, Split};
use weightscope::nn::{Activation, Init, Optimizer, Shape};
use weightscope::simd::{Level, Simd, dispatch};
use weightscope::train::{Options, Trainer};

#[derive(Parser)]
struct Args {
    /// As in `weightscope train`
    #[arg(long, default_value = "auto")]
    data: String,
    /// Random images instead, with this share of inked pixels
    #[arg(long)]
    ink: Option<f64>,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    #[arg(long, default_value_t = 128)]
    batch_size: usize,
    /// sgd (rate 0.1), momentum (0.01), rmsprop or adam (0.001)
    #[arg(long, default_value = "sgd")]
    optimizer: String,
    /// Widths, or `none`
    #[arg(long, default_value = "512,256")]
    hidden: String,
    /// relu, tanh or sigmoid
    #[arg(long, default_value = "relu")]
    activation: String,
    #[arg(long, default_value_t = 5)]
    epochs: usize,
    /// Cargo gives this to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let data = Arc::new(dataset(&args)?);
    let options = options(&args)?;
    let images = data.train.len() as f64;
    let gflop = images * flop(&options.shape.widths()) / 1e9;
    println!("{} on {}: {gflop:.1} dense GFLOP an epoch, {} thread(s)", layers(&options), data.name, args.threads);
    let mut trainer = Trainer::new(data, &options)?;
    let mut rows = Vec::new();
    for epoch in 1..=args.epochs {
        let peak = peak(args.threads);
        let (start, processor) = (Instant::now(), processor_time());
        // As the training thread does: within the pool no step has to be handed over to it.
        trainer.pool().install(|| (0..trainer.steps_per_epoch()).try_for_each(|_| trainer.step().map(drop)))?;
        let seconds = start.elapsed().as_secs_f64();
        let row =
            [seconds, images / seconds, gflop / seconds, peak, gflop / seconds / peak, processor_time() - processor];
        print_row(&format!("epoch {epoch}"), row);
        rows.push(row);
    }
    let warm = &rows[1.min(rows.len().saturating_sub(1))..];
    print_row("median", std::array::from_fn(|column| median(warm.iter().map(|row| row[column]).collect())));
    println!("test accuracy {:.4}", trainer.evaluate().accuracy);
    Ok(())
}

fn print_row(name: &str, [seconds, images, rate, peak, ratio, processor]: [f64; 6]) {
    println!(
        "{name:8} {seconds:7.3} s {images:9.0} images/s {rate:6.1} GFLOP/s of {peak:6.1} peak = {ratio:.2}   processor {processor:.3} s"
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn layers(options: &Options) -> String {
    let widths: Vec<String> = options.shape.widths().iter().map(usize::to_string).collect();
    format!("{} {} {}", widths.join("-"), options.optimizer.name(), options.batch_size)
}

/// Floating-point operations of one image: forward and weight gradient for each layer, input gradient for all but the
/// first, two operations a multiply-add.
fn flop(widths: &[usize]) -> f64 {
    let products: Vec<usize> = widths.windows(2).map(|w| w[0] * w[1]).collect();
    2.0 * (3 * products.iter().sum::<usize>() - products[0]) as f64
}

fn options(args: &Args) -> Result<Options> {
    let optimizer = match args.optimizer.as_str() {
        "sgd" => Optimizer::Sgd { learning_rate: 0.1 },
        "momentum" => Optimizer::Momentum { learning_rate: 0.01, momentum: 0.9 },
        "rmsprop" => Optimizer::default(),
        "adam" => Optimizer::Adam { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
        other => bail!("no optimizer {other}"),
    };
    let activation = match args.activation.as_str() {
        "relu" => Activation::Relu,
        "tanh" => Activation::Tanh,
        "sigmoid" => Activation::Sigmoid,
        other => bail!("no activation {other}"),
    };
    let hidden = match args.hidden.as_str() {
        "none" => Vec::new(),
        widths => widths.split(',').map(str::parse).collect::<Result<_, _>>()?,
    };
    let shape = Shape { inputs: PIXELS, hidden, outputs: CLASSES, activation, init: Init::GlorotUniform };
    let Args { batch_size, threads, epochs, .. } = *args;
    Ok(Options { shape, optimizer, batch_size, epochs, seed: 1, threads, train_size: None })
}

fn dataset(args: &Args) -> Result<Dataset> {
    let Some(share) = args.ink else {
        let source: Source = args.data.parse()?;
        return Ok(source::locate(&source, &Places::of_process())?.load()?);
    };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut split = |n: usize| {
        let pixels =
            (0..n * PIXELS).map(|_| if rng.random_bool(share) { rng.random_range(1..=255) } else { 0 }).collect();
        Split::new(pixels, (0..n).map(|i| (i % CLASSES) as u8).collect())
    };
    let class_names = std::array::from_fn(|class| class.to_string());
    Ok(Dataset { name: format!("noise with {share} ink"), train: split(60_000), test: split(1_000), class_names })
}

/// Fused multiply-adds that `threads` threads can do at once, in GFLOP/s: the best of some probes, each so short that
/// other work on the machine mostly misses it.
fn peak(threads: usize) -> f64 {
    const ROUNDS: usize = 300_000;
    let probe = || {
        let start = Instant::now();
        let lanes = std::thread::scope(|scope| {
            let work = || dispatch!(Level::new(), simd => chains(simd, black_box(ROUNDS)));
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let lanes = work();
            others.into_iter().fold(lanes, |lanes, other| other.join().unwrap_or_default() + lanes)
        });
        (ROUNDS * CHAINS * 2 * lanes) as f64 / start.elapsed().as_secs_f64() / 1e9
    };
    (0..20).map(|_| probe()).fold(0.0, f64::max)
}

/// Independent sums that hide the latency of a multiply-add.
const CHAINS: usize = 12;

/// Runs the chains and returns how many numbers a register holds.
#[inline(always)]
#[expect(clippy::inline_always, reason = "must take on the caller's target features")]
fn chains<S: Simd>(simd: S, rounds: usize) -> usize {
    let (a, b) = (simd.splat_f32s(0.999_999), simd.splat_f32s(1e-7));
    let mut sums = [simd.splat_f32s(1.0); CHAINS];
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = simd.mul_add(*sum, a, b);
        }
    }
    black_box(sums);
    S::F32_LANES
}

/// Processor seconds of this process so far, all threads together.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32).as_secs_f64()
}
