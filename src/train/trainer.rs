//! `Trainer`: a network, its optimizer and its place in the data. No thread, no channel, no clock; the same seed gives
//! the same bits on any number of threads, also after a resume in the middle of an epoch.

use std::sync::Arc;

use rayon::ThreadPool;

use super::evaluate::{judge, pool};
use super::step::Step;
use super::{Options, shuffle};
use crate::data::{CLASSES, Dataset, PIXELS};
use crate::error::{Error, Kind, Result};
use crate::nn::{Linear, Mlp, Optimizer};
use crate::session::Evaluation;
use crate::session::checkpoint::{Checkpoint, EpochSums};

/// What one step saw, judged before its update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// Mean loss of the batch, in nats.
    pub loss: f64,
    /// Right answers.
    pub correct: usize,
    /// Images of the batch.
    pub n: usize,
}

/// A training run between two steps.
pub struct Trainer {
    data: Arc<Dataset>,
    pool: Arc<ThreadPool>,
    step: Step,
    optimizer: Optimizer,
    batch_size: usize,
    seed: u64,
    /// Images of an epoch, in the order of the one under way.
    order: Vec<u32>,
    /// The order of the next epoch, made at the end of this one.
    next_order: Vec<u32>,
    n_steps: u64,
    epoch: usize,
    /// Images of this epoch that were seen.
    sums: EpochSums,
    last_epoch: Option<EpochSums>,
}

impl Trainer {
    /// A run from fresh weights.
    ///
    /// # Errors
    /// If the options do not fit the data (`Kind::Config`), or the threads cannot be started.
    pub fn new(data: Arc<Dataset>, options: &Options) -> Result<Self> {
        Self::fresh(data, options, Arc::new(pool(options.threads, "train")?))
    }

    /// Another run on the same data and threads, from the fresh weights of `options`.
    ///
    /// # Errors
    /// If the options do not fit the data (`Kind::Config`).
    pub fn again(&self, options: &Options) -> Result<Self> {
        Self::fresh(Arc::clone(&self.data), options, self.pool())
    }

    fn fresh(data: Arc<Dataset>, options: &Options, pool: Arc<ThreadPool>) -> Result<Self> {
        let n = check(&data, options)?;
        let model = Mlp::new(&options.shape, options.seed);
        let slots: Vec<_> = (0..options.optimizer.n_slots()).map(|_| zeros_like(&model)).collect();
        Ok(Self::start(data, options, n, &model, &slots, pool))
    }

    fn start(
        data: Arc<Dataset>,
        options: &Options,
        n: usize,
        model: &Mlp,
        slots: &[Vec<Linear>],
        pool: Arc<ThreadPool>,
    ) -> Self {
        Self {
            pool,
            step: Step::new(model, slots, &data.train, options.batch_size.min(n)),
            data,
            optimizer: options.optimizer,
            batch_size: options.batch_size,
            seed: options.seed,
            order: shuffle::order(n, options.seed, 0),
            next_order: Vec::new(),
            n_steps: 0,
            epoch: 0,
            sums: EpochSums::default(),
            last_epoch: None,
        }
    }

    /// The threads that train. Within this pool a step begins at once; from elsewhere it is handed over first.
    #[must_use]
    pub fn pool(&self) -> Arc<ThreadPool> {
        Arc::clone(&self.pool)
    }

    /// A run that goes on where `checkpoint` left it, to the very numbers of a run that was never interrupted.
    ///
    /// Network, batch size, seed and number of images must be those of the checkpoint; the optimizer must be of the
    /// same kind, its numbers are those of `options` (take them from the checkpoint unless the user wants others).
    ///
    /// # Errors
    /// If options, data and checkpoint do not belong together (`Kind::Model`, naming both values).
    pub fn resume(data: Arc<Dataset>, options: &Options, checkpoint: &Checkpoint) -> Result<Self> {
        let n = check(&data, options)?;
        same("network", &options.shape.widths(), &checkpoint.shape.widths())?;
        same("activation", &options.shape.activation.name(), &checkpoint.shape.activation.name())?;
        same("network in the weights", &checkpoint.shape.widths(), &checkpoint.model.widths())?;
        same("batch size", &options.batch_size, &checkpoint.batch_size)?;
        same("seed", &options.seed, &checkpoint.seed)?;
        same("train size", &n, &checkpoint.train_size)?;
        same("optimizer", &options.optimizer.name(), &checkpoint.optimizer.name())?;
        same("number of optimizer slots", &options.optimizer.n_slots(), &checkpoint.slots.len())?;
        for slot in &checkpoint.slots {
            let widths = |layers: &[Linear]| layers.iter().map(|l| (l.inputs(), l.nodes())).collect::<Vec<_>>();
            same("optimizer's layers", &widths(&checkpoint.model.layers), &widths(slot))?;
        }
        let per_epoch = n.div_ceil(options.batch_size) as u64;
        let place = (checkpoint.step.checked_sub(checkpoint.epoch as u64 * per_epoch)).filter(|&s| s < per_epoch);
        let seen = place.map(|steps| (steps * options.batch_size as u64).min(n as u64));
        same("images seen in this epoch", &seen, &Some(checkpoint.so_far.seen))?;

        let pool = Arc::new(pool(options.threads, "train")?);
        let mut trainer = Self::start(data, options, n, &checkpoint.model, &checkpoint.slots, pool);
        trainer.n_steps = checkpoint.step;
        trainer.epoch = checkpoint.epoch;
        trainer.order = shuffle::order(n, options.seed, checkpoint.epoch);
        trainer.sums = checkpoint.so_far;
        Ok(trainer)
    }

    /// One step on the next batch.
    ///
    /// # Errors
    /// `Kind::Numbers` if the loss or a gradient is not finite, naming epoch, step, loss, rate and a rate to try. Weights
    /// and place are then those from before, so the step can be tried again with a lower rate.
    pub fn step(&mut self) -> Result<StepReport> {
        let rest = &self.order[self.sums.seen as usize..];
        let (batch, rest) = rest.split_at(rest.len().min(self.batch_size));
        let n = batch.len();
        if rest.is_empty() && self.next_order.is_empty() {
            self.next_order = shuffle::order(self.order.len(), self.seed, self.epoch + 1);
        }
        let after = if rest.is_empty() { &self.next_order } else { rest };
        let after = &after[..after.len().min(self.batch_size)];
        let rule = self.optimizer.rule(self.n_steps + 1);
        let (step, train) = (&mut self.step, &self.data.train);
        let seen = self.pool.install(|| step.run(rule, train, batch, after));
        if !seen.finite {
            return Err(self.diverged(seen.loss / n as f64));
        }
        self.n_steps += 1;
        self.sums.loss += seen.loss;
        self.sums.correct += seen.correct as u64;
        self.sums.seen += n as u64;
        if self.sums.seen as usize == self.order.len() {
            self.epoch += 1;
            self.last_epoch = Some(std::mem::take(&mut self.sums));
            self.order = std::mem::take(&mut self.next_order);
        }
        Ok(StepReport { loss: seen.loss / n as f64, correct: seen.correct, n })
    }

    fn diverged(&self, loss: f64) -> Error {
        let rate = self.optimizer.learning_rate();
        let (epoch, step) = (self.epoch + 1, self.n_steps + 1);
        // By its digits: an f32 divided by ten is shown as 0.000100000005.
        let tenth = format!("{rate}e-1").parse::<f32>().unwrap_or(rate);
        let try_rate = tenth.min(self.optimizer.usual_learning_rate());
        let what = if loss.is_finite() { "a gradient is" } else { "the loss is" };
        Error::new(
            Kind::Numbers,
            format!("{what} no longer finite: epoch {epoch}, step {step}, loss {loss}, learning rate {rate}"),
        )
        .help(format!("try --learning-rate {try_rate}"))
    }

    /// Training steps done.
    #[must_use]
    pub fn n_steps(&self) -> u64 {
        self.n_steps
    }

    /// Whole epochs done.
    #[must_use]
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// Steps of one epoch; the last batch may be smaller.
    #[must_use]
    pub fn steps_per_epoch(&self) -> u64 {
        self.order.len().div_ceil(self.batch_size) as u64
    }

    /// Images of one epoch.
    #[must_use]
    pub fn train_size(&self) -> usize {
        self.order.len()
    }

    /// What the epoch under way has seen so far; all zero at an epoch's start.
    #[must_use]
    pub fn sums(&self) -> EpochSums {
        self.sums
    }

    /// What the last whole epoch saw; `None` before its end, also after a resume.
    #[must_use]
    pub fn last_epoch(&self) -> Option<EpochSums> {
        self.last_epoch
    }

    /// A copy of the network as it is now.
    #[must_use]
    pub fn model(&self) -> Mlp {
        self.step.network().model()
    }

    /// A copy of what the optimizer remembers, `slots[slot][layer]`.
    #[must_use]
    pub fn slots(&self) -> Vec<Vec<Linear>> {
        self.step.network().slots()
    }

    /// The optimizer with its current step size.
    #[must_use]
    pub fn optimizer(&self) -> Optimizer {
        self.optimizer
    }

    /// The current step size.
    #[must_use]
    pub fn learning_rate(&self) -> f32 {
        self.optimizer.learning_rate()
    }

    /// A new step size, from the next step on.
    pub fn set_learning_rate(&mut self, rate: f32) {
        self.optimizer = self.optimizer.with_learning_rate(rate);
    }

    /// How good the network is now on the test split.
    #[must_use]
    pub fn evaluate(&self) -> Evaluation {
        let model = self.model();
        self.pool.install(|| judge(&model, &self.data.test))
    }
}

/// The number of images to train on, if the options can be trained with.
fn check(data: &Dataset, options: &Options) -> Result<usize> {
    let refuse = |what: String| Err(Error::new(Kind::Config, what));
    let widths = options.shape.widths();
    if widths[0] != PIXELS || widths[widths.len() - 1] != CLASSES || widths.contains(&0) {
        return refuse(format!(
            "a network of widths {widths:?} does not fit images of {PIXELS} pixels in {CLASSES} classes"
        ));
    }
    if options.batch_size == 0 || options.threads == 0 {
        return refuse("batch size and threads must be at least 1".into());
    }
    let n = options.train_size.unwrap_or(data.train.len());
    if n == 0 || n > data.train.len() {
        return refuse(format!("cannot train on {n} images: {} has {}", data.name, data.train.len()));
    }
    Ok(n)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, wanted: &T, found: &T) -> Result<()> {
    if wanted == found {
        return Ok(());
    }
    let what = format!("the checkpoint does not fit: {what} is {found:?} in it, {wanted:?} here");
    Err(Error::new(Kind::Model, what).help("resume with the settings of the run, or start a new one"))
}

fn zeros_like(model: &Mlp) -> Vec<Linear> {
    model.layers.iter().map(|l| Linear::zeros(l.inputs(), l.nodes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Activation, Init};
    use crate::train::test_data::{dataset, options};

    fn optimizers() -> [Optimizer; 4] {
        [
            Optimizer::Sgd { learning_rate: 0.1 },
            Optimizer::Momentum { learning_rate: 0.02, momentum: 0.9 },
            Optimizer::default(),
            Optimizer::Adam { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
        ]
    }

    fn steps(trainer: &mut Trainer, n: usize) -> Vec<StepReport> {
        (0..n).map(|_| trainer.step().unwrap()).collect()
    }

    fn checkpoint(trainer: &Trainer, options: &Options) -> Checkpoint {
        Checkpoint {
            shape: options.shape.clone(),
            model: trainer.model(),
            optimizer: trainer.optimizer(),
            slots: trainer.slots(),
            seed: options.seed,
            batch_size: options.batch_size,
            train_size: trainer.train_size(),
            step: trainer.n_steps(),
            epoch: trainer.epoch(),
            so_far: trainer.sums(),
            data: "bars".into(),
        }
    }

    #[test]
    fn every_optimizer_and_activation_learns() {
        let data = dataset(1000);
        for optimizer in optimizers() {
            for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
                let mut options = Options { optimizer, ..options() };
                options.shape.activation = activation;
                options.shape.init = Init::HeNormal;
                // Sigmoid's slope is at most 1/4 a layer; plain steps must be larger to get as far.
                if activation == Activation::Sigmoid && optimizer.learning_rate() > 0.01 {
                    options.optimizer = optimizer.with_learning_rate(10.0 * optimizer.learning_rate());
                }
                let mut trainer = Trainer::new(data.clone(), &options).unwrap();
                let before = trainer.evaluate();
                assert!((0.0..0.35).contains(&before.accuracy), "{before:?}");
                steps(&mut trainer, 300);
                let after = trainer.evaluate();
                assert!(after.accuracy > 0.9, "{optimizer:?} {activation:?}: {} {}", after.accuracy, after.loss);
            }
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let data = dataset(333);
        for optimizer in optimizers() {
            let runs = [1, 2, 3].map(|threads| {
                let mut trainer = Trainer::new(data.clone(), &Options { optimizer, threads, ..options() }).unwrap();
                (steps(&mut trainer, 20), trainer.model(), trainer.slots(), trainer.evaluate())
            });
            assert!(runs[0] == runs[1] && runs[0] == runs[2], "{optimizer:?}");
        }
    }

    #[test]
    fn a_resumed_run_goes_on_to_the_very_same_bits() {
        let data = dataset(333); // 6 batches of 50 and one of 33
        for optimizer in optimizers() {
            let options = Options { optimizer, threads: 2, ..options() };
            let mut whole = Trainer::new(data.clone(), &options).unwrap();
            for stop in [0, 3, 6, 7, 8, 14] {
                let mut first = Trainer::new(data.clone(), &options).unwrap();
                steps(&mut first, stop);
                let mut second = Trainer::resume(data.clone(), &options, &checkpoint(&first, &options)).unwrap();
                while second.n_steps() < 20 {
                    second.step().unwrap();
                }
                while whole.n_steps() < 20 {
                    whole.step().unwrap();
                }
                assert!(second.model() == whole.model() && second.slots() == whole.slots(), "{optimizer:?} at {stop}");
                assert_eq!((second.sums(), second.epoch()), (whole.sums(), whole.epoch()));
            }
        }
    }

    #[test]
    fn a_checkpoint_of_another_run_is_refused_with_both_values() {
        let data = dataset(333);
        let mine = options();
        let trainer = Trainer::new(data.clone(), &mine).unwrap();
        let saved = checkpoint(&trainer, &mine);
        for (other, says) in [
            (Options { seed: 2, ..mine.clone() }, "seed is 1 in it, 2 here"),
            (Options { batch_size: 64, ..mine.clone() }, "batch size is 50 in it, 64 here"),
            (Options { train_size: Some(100), ..mine.clone() }, "train size is 333 in it, 100 here"),
            (
                Options { optimizer: Optimizer::Sgd { learning_rate: 0.1 }, ..mine.clone() },
                r#"optimizer is "rmsprop" in it"#,
            ),
        ] {
            let error = Trainer::resume(data.clone(), &other, &saved).err().unwrap();
            assert_eq!(error.kind(), Kind::Model);
            assert!(error.to_string().contains(says), "{error}");
        }
        let torn = Checkpoint { step: 9, ..saved };
        assert!(Trainer::resume(data, &mine, &torn).is_err(), "nine steps are more than no epoch");
    }

    #[test]
    fn sums_count_each_image_of_the_epoch_once() {
        let mut trainer = Trainer::new(dataset(333), &options()).unwrap();
        assert_eq!(trainer.steps_per_epoch(), 7);
        let reports = steps(&mut trainer, 7);
        assert_eq!(reports.iter().map(|r| r.n).collect::<Vec<_>>(), [50, 50, 50, 50, 50, 50, 33]);
        let epoch = trainer.last_epoch().unwrap();
        assert_eq!((epoch.seen, trainer.sums(), trainer.epoch()), (333, EpochSums::default(), 1));
        assert_eq!(epoch.correct, reports.iter().map(|r| r.correct as u64).sum::<u64>());
        let loss: f64 = reports.iter().map(|r| r.loss * r.n as f64).sum();
        assert!((epoch.loss - loss).abs() < 1e-9);
        trainer.step().unwrap();
        assert_eq!(trainer.sums().seen, 50);
    }

    #[test]
    fn train_size_means_the_first_images_in_file_order() {
        let big = dataset(333);
        let n = 120;
        let first = crate::data::Split::new(
            big.train.images().take(n).flatten().copied().collect(),
            big.train.labels()[..n].to_vec(),
        );
        let small = Arc::new(Dataset { train: first, ..(*big).clone() });
        let mut cut = Trainer::new(big, &Options { train_size: Some(n), ..options() }).unwrap();
        let mut whole = Trainer::new(small, &options()).unwrap();
        assert_eq!(steps(&mut cut, 10), steps(&mut whole, 10));
        assert_eq!(cut.model(), whole.model());
    }

    #[test]
    fn a_run_that_diverges_stops_at_the_last_finite_network() {
        for (optimizer, try_rate) in [
            (Optimizer::Sgd { learning_rate: 1e6 }, "0.01"),
            (Optimizer::Momentum { learning_rate: 1e6, momentum: 0.9 }, "0.01"),
            (Optimizer::Sgd { learning_rate: 3e38 }, "0.01"),
        ] {
            let mut trainer = Trainer::new(dataset(333), &Options { optimizer, ..options() }).unwrap();
            let error = loop {
                let before = (trainer.model(), trainer.slots(), trainer.n_steps(), trainer.sums());
                if let Err(error) = trainer.step() {
                    assert_eq!(before, (trainer.model(), trainer.slots(), trainer.n_steps(), trainer.sums()));
                    break error;
                }
                assert!(trainer.n_steps() < 200, "never diverged");
            };
            let finite =
                |layers: &[Linear]| layers.iter().all(|l| l.flat().iter().all(|f| f.iter().all(|w| w.is_finite())));
            assert!(finite(&trainer.model().layers) && trainer.slots().iter().all(|s| finite(s)), "{optimizer:?}");
            assert_eq!(error.kind(), Kind::Numbers);
            let rate = optimizer.learning_rate().to_string();
            for part in ["epoch 1", &format!("step {}", trainer.n_steps() + 1), "loss", &rate] {
                assert!(error.to_string().contains(part), "{error} lacks {part}");
            }
            assert_eq!(error.remedy(), Some(format!("try --learning-rate {try_rate}").as_str()));
        }
    }

    #[test]
    fn options_that_do_not_fit_are_refused() {
        let data = dataset(100);
        let mut wrong = options();
        wrong.shape.inputs = 10;
        let bad = [
            wrong,
            Options { batch_size: 0, ..options() },
            Options { threads: 0, ..options() },
            Options { train_size: Some(101), ..options() },
            Options { train_size: Some(0), ..options() },
        ];
        for options in bad {
            assert_eq!(Trainer::new(data.clone(), &options).err().unwrap().kind(), Kind::Config);
        }
    }
}
