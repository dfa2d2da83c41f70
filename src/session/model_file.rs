//! Networks from files: our own checkpoints, and what PyTorch and Keras users have.

use std::path::Path;

use ndarray::{Array1, Array2};
use safetensors::{Dtype, tensor::TensorView};

use super::checkpoint::{Checkpoint, SIZE_LIMIT, is_ours};
use super::tensors::{self, Decoded};
use super::{npz, whole_file};
use crate::error::{Error, Kind, Result, printable};
use crate::nn::{Activation, Linear, Mlp};

/// Pixels of an image.
const INPUTS: usize = 784;
/// Classes to tell apart.
const OUTPUTS: usize = 10;

/// What a model file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelFile {
    /// A checkpoint that weightscope wrote.
    Checkpoint(Box<Checkpoint>),
    /// A network trained elsewhere.
    Foreign {
        /// The network.
        model: Mlp,
        /// What had to be assumed of it, to be told to the user.
        note: String,
    },
}

impl ModelFile {
    /// The network.
    #[must_use]
    pub fn model(&self) -> &Mlp {
        match self {
            Self::Checkpoint(checkpoint) => &checkpoint.model,
            Self::Foreign { model, .. } => model,
        }
    }

    /// The run that it belongs to, if weightscope wrote it.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        match self {
            Self::Checkpoint(checkpoint) => Some(checkpoint),
            Self::Foreign { .. } => None,
        }
    }
}

/// A layer before its numbers are copied: what errors call it, and `(nodes, inputs)`.
pub(super) struct LayerShape {
    pub name: String,
    pub nodes: usize,
    pub inputs: usize,
}

/// Reads the network in `path`: a checkpoint of ours; a safetensors file from PyTorch with only Linear weights in
/// order (`0.weight`, `fc1.weight`, `net.2.weight`, …); or a Keras-order `.npz`
/// (`np.savez(f, *model.get_weights())`: kernel (in, out), bias, …). Names are taken in natural order, 2 before 10.
///
/// # Errors
/// [`Kind::Model`] if it is none of them, is damaged, or is not a network from 784 pixels to 10 classes.
pub fn load_model(path: &Path) -> Result<ModelFile> {
    let bytes = whole_file::read(path, SIZE_LIMIT)?;
    let foreign = if bytes.starts_with(b"PK\x03\x04") {
        npz::layers(&bytes)
    } else if let Some(what) = known_other(&bytes) {
        Err(format!("is {what}: convert it with PyTorch's safetensors.torch.save_file, or numpy's np.savez"))
    } else {
        let wrong =
            |what| Error::new(Kind::Model, what).at(path).help("name a .safetensors or .npz file that is whole");
        let decoded = tensors::decode(&bytes).map_err(wrong)?;
        if is_ours(&decoded.metadata) {
            let checkpoint = Checkpoint::from_bytes(path, &bytes)?;
            check_ends(&checkpoint.model.widths()).map_err(wrong)?;
            return Ok(ModelFile::Checkpoint(Box::new(checkpoint)));
        }
        linear_layers(&decoded)
    };
    let layers = foreign.map_err(|what| {
        Error::new(Kind::Model, what)
            .at(path)
            .help("weightscope reads networks of dense layers, from 784 pixels to 10 classes")
    })?;
    Ok(ModelFile::Foreign {
        model: Mlp { layers, activation: Activation::Relu },
        note: "the file does not say its activation: relu is assumed".into(),
    })
}

/// What well-known other sort of file this is.
fn known_other(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'H', b'D', b'F', ..] => Some("an HDF5 file"),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some("a single numpy array"),
        [0x80, 2..=5, ..] => Some("a Python pickle"),
        _ => None,
    }
}

/// The dense layers of a PyTorch module's state, in the natural order of their names.
fn linear_layers(decoded: &Decoded) -> Result<Vec<Linear>, String> {
    let mut weights: Vec<(&str, TensorView)> = Vec::new();
    for (name, tensor) in decoded.tensors.iter() {
        match (name.strip_suffix("weight"), name.strip_suffix("bias"), tensor.shape()) {
            (Some(module), _, [_, _]) => weights.push((module, tensor)),
            // A bias without its weight is not left out silently.
            (_, Some(module), [_]) if decoded.tensors.tensor(&format!("{module}weight")).is_ok() => {}
            (_, _, shape) => {
                return Err(format!("tensor `{}` {shape:?} is not of a dense layer", printable(name)));
            }
        }
    }
    weights.sort_by_cached_key(|(module, _)| natural_order(module));
    let shapes: Vec<_> = weights
        .iter()
        .map(|(module, w)| LayerShape { name: format!("{module}weight"), nodes: w.shape()[0], inputs: w.shape()[1] })
        .collect();
    check_chain(&shapes)?;
    let layer = |((module, weight), shape): ((&str, TensorView), &LayerShape)| {
        let bias = match decoded.tensors.tensor(&format!("{module}bias")) {
            Ok(bias) => floats(&format!("{module}bias"), &bias)?,
            Err(_) => vec![0.0; shape.nodes],
        };
        linear(shape, floats(&shape.name, &weight)?, bias)
    };
    weights.into_iter().zip(&shapes).map(layer).collect()
}

fn floats(name: &str, tensor: &TensorView) -> Result<Vec<f32>, String> {
    match tensor.dtype() {
        Dtype::F32 => Ok(tensor.data().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()),
        Dtype::F64 => Ok(tensor.data().as_chunks().0.iter().map(|&b| f64::from_le_bytes(b) as f32).collect()),
        other => Err(format!("tensor `{}` is {other}: save it as F32 (`model.float()`)", printable(name))),
    }
}

/// A layer from its parts, in `(nodes, inputs)` order; checks that they belong together and are finite.
pub(super) fn linear(shape: &LayerShape, weight: Vec<f32>, bias: Vec<f32>) -> Result<Linear, String> {
    let name = printable(&shape.name);
    if bias.len() != shape.nodes {
        return Err(format!("the bias that belongs to `{name}` has {} values for {} nodes", bias.len(), shape.nodes));
    }
    if weight.iter().chain(&bias).any(|v| !v.is_finite()) {
        return Err(format!("`{name}` or its bias holds a value that is not finite"));
    }
    let weight = Array2::from_shape_vec((shape.nodes, shape.inputs), weight).map_err(|e| format!("`{name}`: {e}"))?;
    Ok(Linear { weight, bias: Array1::from(bias) })
}

/// Checks that each layer takes what the one before it gives, from 784 pixels to 10 classes.
pub(super) fn check_chain(layers: &[LayerShape]) -> Result<(), String> {
    let (Some(first), false) = (layers.first(), layers.iter().any(|l| l.nodes == 0)) else {
        return Err("holds no weights of dense layers".into());
    };
    for pair in layers.windows(2) {
        if pair[1].inputs != pair[0].nodes {
            return Err(format!(
                "`{}` takes {} inputs, and `{}` before it gives {}{}",
                printable(&pair[1].name),
                pair[1].inputs,
                printable(&pair[0].name),
                pair[0].nodes,
                list(layers)
            ));
        }
    }
    let widths: Vec<_> = [first.inputs].into_iter().chain(layers.iter().map(|l| l.nodes)).collect();
    check_ends(&widths).map_err(|what| what + &list(layers))
}

fn check_ends(widths: &[usize]) -> Result<(), String> {
    match widths {
        [INPUTS, .., OUTPUTS] => Ok(()),
        [inputs, .., outputs] => Err(format!(
            "is a network from {inputs} inputs to {outputs} outputs, and {INPUTS} pixels to {OUTPUTS} classes are needed"
        )),
        _ => Err("holds no layers".into()),
    }
}

fn list(layers: &[LayerShape]) -> String {
    let names: Vec<_> = layers.iter().take(8).map(|l| printable(&l.name)).collect();
    format!(" (in the order {}{})", names.join(", "), if layers.len() > 8 { ", …" } else { "" })
}

/// Sorts as people count: `fc2` before `fc10`. Text and the number after it, in turn.
pub(super) fn natural_order(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits_begin = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (text, tail) = rest.split_at(digits_begin);
        let digits_end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (digits, tail) = tail.split_at(digits_end);
        parts.push((text.to_string(), digits.parse().unwrap_or(u64::MAX)));
        rest = tail;
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};
    use std::fs;

    use super::*;
    use crate::nn::Optimizer;
    use crate::session::checkpoint::tests::sample;

    fn write(tensors: &[(&str, &[usize], Dtype)]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.safetensors");
        let data: Vec<(Vec<u8>, usize)> = tensors
            .iter()
            .enumerate()
            .map(|(n, (_, shape, dtype))| {
                let len = shape.iter().product::<usize>();
                let bytes = match dtype {
                    Dtype::F64 => (0..len).flat_map(|i| ((n * 1000 + i % 7) as f64).to_le_bytes()).collect(),
                    _ => (0..len).flat_map(|i| ((n * 1000 + i % 7) as f32).to_le_bytes()).collect(),
                };
                (bytes, n)
            })
            .collect();
        let views: BTreeMap<&str, TensorView> = data
            .iter()
            .map(|(bytes, n)| {
                let (name, shape, dtype) = tensors[*n];
                (name, TensorView::new(dtype, shape.to_vec(), bytes).unwrap())
            })
            .collect();
        let metadata = HashMap::from([("format".to_string(), "pt".to_string())]);
        fs::write(&path, safetensors::serialize(views, Some(metadata)).unwrap()).unwrap();
        (dir, path)
    }

    fn error(tensors: &[(&str, &[usize], Dtype)]) -> String {
        let (_dir, path) = write(tensors);
        let error = load_model(&path).unwrap_err();
        assert_eq!((error.kind(), error.path()), (Kind::Model, Some(path.as_path())));
        assert!(error.remedy().is_some());
        error.to_string()
    }

    use Dtype::{F16, F32, F64};

    #[test]
    fn opens_pytorch_names_in_natural_order() {
        let (_dir, path) = write(&[
            ("net.10.weight", &[10, 4], F32),
            ("net.10.bias", &[10], F32),
            ("net.2.weight", &[4, 5], F64),
            ("net.2.bias", &[4], F32),
            ("net.0.weight", &[5, 784], F32),
        ]);
        let file = load_model(&path).unwrap();
        assert_eq!(file.model().widths(), [784, 5, 4, 10]);
        assert!(file.checkpoint().is_none());
        let layers = &file.model().layers;
        assert_eq!(layers[2].weight.row(0).to_vec(), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(layers[1].weight.row(1).to_vec(), [2_005.0, 2_006.0, 2_000.0, 2_001.0, 2_002.0]);
        assert_eq!(layers[1].bias.to_vec(), [3_000.0, 3_001.0, 3_002.0, 3_003.0]);
        assert!(layers[0].bias.iter().all(|&b| b == 0.0), "a layer without bias");
    }

    #[test]
    fn says_what_does_not_fit() {
        let chain = error(&[("fc1.weight", &[5, 784], F32), ("fc2.weight", &[10, 6], F32)]);
        assert!(chain.ends_with(
            "`fc2.weight` takes 6 inputs, and `fc1.weight` before it gives 5 (in the order fc1.weight, fc2.weight)"
        ));
        let ends = error(&[("0.weight", &[10, 100], F32)]);
        assert!(ends.contains("from 100 inputs to 10 outputs, and 784 pixels to 10 classes are needed"));
        assert!(error(&[("conv.weight", &[1, 1, 3, 3], F32)]).contains("`conv.weight` [1, 1, 3, 3]"));
        assert!(error(&[("a.bias", &[10], F32)]).contains("`a.bias` [10] is not of a dense layer"));
        assert!(error(&[("w\x1b.weight", &[0, 784], F32)]).contains("no weights"));
        let bias = error(&[("a.weight", &[10, 784], F32), ("a.bias", &[9], F32)]);
        assert!(bias.contains("`a.weight` has 9 values for 10 nodes"));
        assert!(error(&[]).contains("no weights"));
    }

    #[test]
    fn says_what_type_is_needed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("half.safetensors");
        let bytes = vec![0; 784 * 10 * 2];
        let view = TensorView::new(F16, vec![10, 784], &bytes).unwrap();
        fs::write(&path, safetensors::serialize([("a.weight", view)], None).unwrap()).unwrap();
        assert!(load_model(&path).unwrap_err().to_string().contains("`a.weight` is F16: save it as F32"));
    }

    #[test]
    fn names_files_of_other_sorts() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m");
        for (bytes, what) in [
            (&b"\x89HDF\r\n\x1a\n"[..], "an HDF5 file"),
            (b"\x93NUMPY\x01\0v\0", "a single numpy array"),
            (b"\x80\x02c", "a Python pickle"),
            (b"PK\x03\x04", "zip"),
            (b"", "not a safetensors file"),
            (b"just some text in a file", "not a whole safetensors file"),
        ] {
            fs::write(&path, bytes).unwrap();
            let error = load_model(&path).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
        }
    }

    #[test]
    fn a_checkpoint_must_begin_at_784_inputs_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        sample(1, vec![5], Optimizer::default()).save(&path).unwrap();
        assert!(load_model(&path).unwrap_err().to_string().contains("from 7 inputs to 3 outputs"));
    }

    #[test]
    fn counts_like_people() {
        let mut names = ["fc10", "fc2", "fc1b", "fc1", "a", "99999999999999999999999"];
        names.sort_by_key(|name| natural_order(name));
        assert_eq!(names, ["99999999999999999999999", "a", "fc1", "fc1b", "fc2", "fc10"]);
    }
}
