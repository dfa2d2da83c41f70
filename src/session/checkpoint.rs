//! A session on disk: safetensors with the run in its metadata, written whole or not at all.
//!
//! The tensors `layers.0.weight` (out, in), `layers.0.bias` (out), `layers.1.weight`, … are the network in PyTorch's
//! layout; `optim.velocity.layers.0.weight` and so on are what the optimizer remembers, and `optim.step` counts its
//! steps. The rest of the run is in the metadata, strings all: see [`Checkpoint`] for what they mean.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use ndarray::{Array1, Array2};

use super::tensors::{self, Decoded, Metadata, Tensor};
use super::whole_file;
use crate::error::{Error, Kind, Result, printable};
use crate::nn::{Activation, Init, Linear, Mlp, Optimizer, Shape};

/// What the metadata's `format` says.
const FORMAT: &str = "weightscope";
/// The version of the format that is written and read.
const VERSION: u32 = 1;
/// The largest file that is read.
pub(super) const SIZE_LIMIT: u64 = 4 << 30;

/// Everything that a run needs to go on to the very same numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// What the network is.
    pub shape: Shape,
    /// Its weights.
    pub model: Mlp,
    /// The optimizer, with its current step size.
    pub optimizer: Optimizer,
    /// What the optimizer remembers, `slots[slot][layer]`, each shaped as the layer: none for SGD, the velocity for
    /// momentum, the mean square for RMSprop, mean and mean square for Adam.
    pub slots: Vec<Vec<Linear>>,
    /// Seed of weights and shuffling. Shuffling is a function of (seed, epoch), so it needs no state of its own.
    pub seed: u64,
    /// Images a step.
    pub batch_size: usize,
    /// Images trained on: the first so many of the training split.
    pub train_size: usize,
    /// Training steps done.
    pub step: u64,
    /// Whole epochs done.
    pub epoch: usize,
    /// What the epoch under way has seen so far.
    pub so_far: EpochSums,
    /// The data source as written on the command line (`mnist`, `builtin`, a folder).
    pub data: String,
}

/// Sums over the batches of the epoch under way.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EpochSums {
    /// Sum of the per-image losses, in nats.
    pub loss: f64,
    /// Right answers.
    pub correct: u64,
    /// Images seen.
    pub seen: u64,
}

impl Checkpoint {
    /// Writes the file `path`: whole or, on failure, not at all.
    ///
    /// # Errors
    /// [`Kind::Numbers`] if a weight is not finite, [`Kind::Disk`] if writing fails; `path` is then as it was.
    pub fn save(&self, path: &Path) -> Result<()> {
        whole_file::write(path, &self.to_bytes()?)
    }

    /// Reads the file `path`.
    ///
    /// # Errors
    /// [`Kind::Model`] if the file is missing, cut, damaged, of another format or version, or does not fit together.
    pub fn load(path: &Path) -> Result<Self> {
        Self::from_bytes(path, &whole_file::read(path, SIZE_LIMIT)?)
    }

    /// The bytes of the file; the same checkpoint gives the same bytes.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut tensors = BTreeMap::from([("optim.step".to_string(), Tensor::i64(self.step as i64))]);
        insert(&mut tensors, "", &self.model.layers);
        for (slot, layers) in slot_names(&self.optimizer).iter().zip(&self.slots) {
            insert(&mut tensors, &format!("optim.{slot}."), layers);
        }
        let all_layers = self.model.layers.iter().chain(self.slots.iter().flatten());
        if all_layers.flat_map(|l| l.weight.iter().chain(&l.bias)).any(|v| !v.is_finite()) {
            let what = format!("a weight is not finite after step {}: no checkpoint was written", self.step);
            return Err(Error::new(Kind::Numbers, what).help("train with a lower learning rate"));
        }
        Ok(tensors::encode(&tensors, self.metadata()?))
    }

    fn metadata(&self) -> Result<Metadata> {
        let optimizer = ron::to_string(&self.optimizer)
            .map_err(|error| Error::new(Kind::Bug, format!("cannot write down the optimizer: {error}")))?;
        let entries = [
            ("format", FORMAT.to_string()),
            ("version", VERSION.to_string()),
            ("layers", serde_json::json!(self.shape.widths()).to_string()),
            ("activation", self.shape.activation.name().to_string()),
            ("init", init_name(self.shape.init).to_string()),
            ("optimizer", optimizer),
            ("seed", self.seed.to_string()),
            ("batch_size", self.batch_size.to_string()),
            ("train_size", self.train_size.to_string()),
            ("step", self.step.to_string()),
            ("epoch", self.epoch.to_string()),
            // Display gives the shortest digits that read back as the very same number.
            ("epoch_loss", self.so_far.loss.to_string()),
            ("epoch_correct", self.so_far.correct.to_string()),
            ("epoch_seen", self.so_far.seen.to_string()),
            ("data", self.data.clone()),
        ];
        Ok(entries.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
    }

    /// Reads the bytes of the file `path` (named in errors).
    pub(super) fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self> {
        let damaged = |what| Error::new(Kind::Model, what).at(path).help("use an older checkpoint of the run");
        let decoded = tensors::decode(bytes).map_err(damaged)?;
        if !is_ours(&decoded.metadata) {
            return Err(Error::new(Kind::Model, "is not a checkpoint of weightscope, so no run can go on from it")
                .at(path)
                .help("look at it with `weightscope view`, or name a checkpoint that `weightscope train` wrote"));
        }
        let version = decoded.metadata.get("version").map_or("none", String::as_str);
        if version.parse() != Ok(VERSION) {
            let what = format!("has format version {}, and this program reads version {VERSION}", printable(version));
            return Err(Error::new(Kind::Model, what)
                .at(path)
                .help("use the weightscope that wrote it, or a newer one"));
        }
        if !decoded.is_whole() {
            return Err(damaged("is damaged: its content does not match its SHA-256".into()));
        }
        Self::from_decoded(&decoded).map_err(damaged)
    }

    fn from_decoded(decoded: &Decoded) -> Result<Self, String> {
        let metadata = &decoded.metadata;
        let shape = shape(metadata)?;
        let optimizer: Optimizer = ron::from_str(text(metadata, "optimizer")?)
            .map_err(|error| format!("metadata `optimizer` cannot be read: {error}"))?;
        let slots: Vec<_> = slot_names(&optimizer)
            .iter()
            .map(|slot| layers(decoded, &format!("optim.{slot}."), &shape))
            .collect::<Result<_, _>>()?;
        let checkpoint = Self {
            model: Mlp { layers: layers(decoded, "", &shape)?, activation: shape.activation },
            shape,
            optimizer,
            slots,
            seed: number(metadata, "seed")?,
            batch_size: number(metadata, "batch_size")?,
            train_size: number(metadata, "train_size")?,
            step: number(metadata, "step")?,
            epoch: number(metadata, "epoch")?,
            so_far: EpochSums {
                loss: number(metadata, "epoch_loss")?,
                correct: number(metadata, "epoch_correct")?,
                seen: number(metadata, "epoch_seen")?,
            },
            data: text(metadata, "data")?.to_string(),
        };
        if decoded.i64("optim.step") != i64::try_from(checkpoint.step).ok() {
            return Err("`optim.step` and the metadata's `step` differ".into());
        }
        if checkpoint.batch_size == 0 || checkpoint.train_size == 0 {
            return Err("has no images to train on: `batch_size` and `train_size` are at least 1".into());
        }
        Ok(checkpoint)
    }
}

/// Whether the metadata is that of a checkpoint of ours, if perhaps a damaged one: one flipped bit spares one of them.
pub(super) fn is_ours(metadata: &Metadata) -> bool {
    metadata.contains_key(tensors::CHECKSUM) || metadata.get("format").is_some_and(|format| format == FORMAT)
}

/// What the optimizer remembers of each weight, in the order of [`Checkpoint::slots`].
fn slot_names(optimizer: &Optimizer) -> &'static [&'static str] {
    match optimizer {
        Optimizer::Sgd { .. } => &[],
        Optimizer::Momentum { .. } => &["velocity"],
        Optimizer::RmsProp { .. } => &["mean_square"],
        Optimizer::Adam { .. } => &["mean", "mean_square"],
    }
}

fn insert(tensors: &mut BTreeMap<String, Tensor>, prefix: &str, layers: &[Linear]) {
    for (n, layer) in layers.iter().enumerate() {
        let weight = Tensor::f32(layer.weight.shape(), &layer.weight);
        tensors.insert(format!("{prefix}layers.{n}.weight"), weight);
        tensors.insert(format!("{prefix}layers.{n}.bias"), Tensor::f32(layer.bias.shape(), &layer.bias));
    }
}

fn layers(decoded: &Decoded, prefix: &str, shape: &Shape) -> Result<Vec<Linear>, String> {
    let widths = shape.widths();
    let layer = |(n, pair): (usize, &[usize])| {
        let (inputs, nodes) = (pair[0], pair[1]);
        let weight = decoded.f32(&format!("{prefix}layers.{n}.weight"), &[nodes, inputs])?;
        let bias = decoded.f32(&format!("{prefix}layers.{n}.bias"), &[nodes])?;
        if weight.iter().chain(&bias).any(|v| !v.is_finite()) {
            return Err(format!("layer {n} holds a value that is not finite"));
        }
        let weight = Array2::from_shape_vec((nodes, inputs), weight).map_err(|error| error.to_string())?;
        Ok(Linear { weight, bias: Array1::from(bias) })
    };
    widths.windows(2).enumerate().map(layer).collect()
}

fn shape(metadata: &Metadata) -> Result<Shape, String> {
    let unreadable = |key: &str| format!("metadata `{key}` cannot be read");
    let widths: Vec<usize> = serde_json::from_str(text(metadata, "layers")?).map_err(|_| unreadable("layers"))?;
    let (Some((&inputs, rest)), true) = (widths.split_first(), widths.iter().all(|&w| w > 0)) else {
        return Err(unreadable("layers"));
    };
    let Some((&outputs, hidden)) = rest.split_last() else { return Err(unreadable("layers")) };
    let activation = text(metadata, "activation")?;
    let init = text(metadata, "init")?;
    Ok(Shape {
        inputs,
        hidden: hidden.to_vec(),
        outputs,
        activation: [Activation::Relu, Activation::Tanh, Activation::Sigmoid]
            .into_iter()
            .find(|a| a.name() == activation)
            .ok_or_else(|| unreadable("activation"))?,
        init: [Init::GlorotUniform, Init::HeNormal]
            .into_iter()
            .find(|&i| init_name(i) == init)
            .ok_or_else(|| unreadable("init"))?,
    })
}

/// Keras' names.
fn init_name(init: Init) -> &'static str {
    match init {
        Init::GlorotUniform => "glorot_uniform",
        Init::HeNormal => "he_normal",
    }
}

fn text<'a>(metadata: &'a Metadata, key: &str) -> Result<&'a str, String> {
    metadata.get(key).map(String::as_str).ok_or_else(|| format!("metadata `{key}` is missing"))
}

fn number<T: FromStr>(metadata: &Metadata, key: &str) -> Result<T, String> {
    text(metadata, key)?.parse().map_err(|_| format!("metadata `{key}` is not a number in range"))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use proptest::prelude::*;
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// A checkpoint of a small network with random content.
    pub(crate) fn sample(seed: u64, hidden: Vec<usize>, optimizer: Optimizer) -> Checkpoint {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let shape = Shape { inputs: 7, hidden, outputs: 3, activation: Activation::Tanh, init: Init::HeNormal };
        let mut layers = || -> Vec<Linear> {
            let layer = |w: &[usize]| Linear {
                weight: Array2::from_shape_simple_fn((w[1], w[0]), || rng.random_range(-2.0..2.0)),
                bias: Array1::from_shape_simple_fn(w[1], || rng.random_range(-1e-9..1e-9)),
            };
            shape.widths().windows(2).map(layer).collect()
        };
        Checkpoint {
            model: Mlp { layers: layers(), activation: shape.activation },
            slots: slot_names(&optimizer).iter().map(|_| layers()).collect(),
            shape,
            optimizer,
            seed,
            batch_size: 128,
            train_size: 60_000,
            step: 1_234,
            epoch: 2,
            so_far: EpochSums { loss: 0.1 + 0.2, correct: 100, seen: 128 },
            data: "/some where/ünï \"quoted\"\n".into(),
        }
    }

    fn adam() -> Optimizer {
        Optimizer::Adam { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }
    }

    #[test]
    fn comes_back_bit_for_bit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        let optimizers = [
            Optimizer::Sgd { learning_rate: 0.1 },
            Optimizer::Momentum { learning_rate: 0.01, momentum: 0.9 },
            Optimizer::default(),
            adam(),
        ];
        for (optimizer, hidden) in optimizers.into_iter().zip([vec![], vec![5], vec![5, 4], vec![1; 12]]) {
            let checkpoint = sample(3, hidden, optimizer);
            checkpoint.save(&path).unwrap();
            let loaded = Checkpoint::load(&path).unwrap();
            assert_eq!(loaded, checkpoint);
            assert_eq!(loaded.to_bytes().unwrap(), fs::read(&path).unwrap());
        }
    }

    #[test]
    fn finds_every_cut() {
        let bytes = sample(1, vec![5], adam()).to_bytes().unwrap();
        for n in 0..20 {
            let cut = &bytes[..n * (bytes.len() - 1) / 19];
            let error = Checkpoint::from_bytes(Path::new("cut"), cut).unwrap_err();
            assert_eq!(error.kind(), Kind::Model);
            assert!(error.to_string().starts_with("cut: ") && error.remedy().is_some(), "{error}");
        }
    }

    #[test]
    fn finds_every_flipped_bit() {
        let whole = sample(1, vec![5], Optimizer::default()).to_bytes().unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(14);
        // The header twice as thoroughly as the rest: every one of its bits.
        let header = (8 + u64::from_le_bytes(*whole.first_chunk().unwrap())) as usize * 8;
        let random = std::iter::repeat_with(|| rng.random_range(0..whole.len() * 8)).take(100).collect::<Vec<_>>();
        for bit in (0..header).chain(random) {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Checkpoint::from_bytes(Path::new("flipped"), &bytes).is_err(), "bit {bit} of byte {}", bit / 8);
        }
    }

    #[test]
    fn names_both_versions_of_a_newer_format() {
        let checkpoint = sample(1, vec![5], Optimizer::default());
        let mut metadata = checkpoint.metadata().unwrap();
        metadata.insert("version".into(), (VERSION + 1).to_string());
        let mut layers = BTreeMap::new();
        insert(&mut layers, "", &checkpoint.model.layers);
        let error = Checkpoint::from_bytes(Path::new("new"), &tensors::encode(&layers, metadata)).unwrap_err();
        assert_eq!(error.to_string(), "new: has format version 2, and this program reads version 1");
    }

    #[test]
    fn refuses_to_write_what_is_not_finite() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        let mut checkpoint = sample(1, vec![5], adam());
        checkpoint.save(&path).unwrap();
        let before = fs::read(&path).unwrap();
        checkpoint.slots[1][0].bias[2] = f32::NAN;
        assert_eq!(checkpoint.save(&path).unwrap_err().kind(), Kind::Numbers);
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn numbers_come_back_exactly(rate in any::<f32>(), epsilon in any::<f32>(), loss in any::<f64>()) {
            prop_assume!(rate.is_finite() && epsilon.is_finite() && loss.is_finite());
            let optimizer = Optimizer::RmsProp { learning_rate: rate, rho: 0.9, epsilon };
            let mut checkpoint = sample(1, vec![], optimizer);
            checkpoint.so_far.loss = loss;
            let loaded = Checkpoint::from_bytes(Path::new(""), &checkpoint.to_bytes().unwrap()).unwrap();
            prop_assert_eq!(loaded.so_far.loss.to_bits(), loss.to_bits());
            prop_assert_eq!(loaded.optimizer, checkpoint.optimizer);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Checkpoint::from_bytes(Path::new(""), &bytes).is_err());
        }
    }
}
