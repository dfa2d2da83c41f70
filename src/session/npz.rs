//! Keras-order `.npz` archives: `np.savez(f, *model.get_weights())`.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::model_file::{LayerShape, check_chain, linear, natural_order};
use crate::error::printable;
use crate::nn::Linear;

/// What an archive may unpack to beyond its own size: trained weights hardly shrink, bombs do.
const SLACK: u64 = 64 << 20;
/// numpy's header of a plain array has 118 bytes.
const HEADER_LIMIT: usize = 1_024;

/// An array as it is in the file.
struct Array {
    name: String,
    shape: Vec<usize>,
    /// Whether the first index runs fastest.
    column_major: bool,
    values: Vec<f32>,
}

/// The dense layers in an archive: kernel (in, out), bias, kernel, …; a kernel's bias may be missing.
pub(super) fn layers(bytes: &[u8]) -> Result<Vec<Linear>, String> {
    let mut arrays = arrays(bytes)?;
    arrays.sort_by_cached_key(|array| natural_order(&array.name));
    let mut layers: Vec<(LayerShape, Array, Option<Array>)> = Vec::new();
    for array in arrays {
        match (array.shape.as_slice(), layers.last_mut()) {
            (&[inputs, nodes], _) => {
                layers.push((LayerShape { name: array.name.clone(), nodes, inputs }, array, None));
            }
            ([_], Some((_, _, bias @ None))) => *bias = Some(array),
            (shape, _) => {
                return Err(format!(
                    "array `{}` {shape:?} is neither a kernel nor the bias that follows one",
                    printable(&array.name)
                ));
            }
        }
    }
    let (shapes, arrays): (Vec<_>, Vec<_>) = layers.into_iter().map(|(s, kernel, bias)| (s, (kernel, bias))).unzip();
    check_chain(&shapes).map_err(|what| format!("{what}; Keras' kernels are (inputs, nodes)"))?;
    let layer = |(shape, (kernel, bias)): (&LayerShape, (Array, Option<Array>))| {
        let bias = bias.map_or_else(|| vec![0.0; shape.nodes], |bias| bias.values);
        linear(shape, transposed(kernel, shape), bias)
    };
    shapes.iter().zip(arrays).map(layer).collect()
}

/// The kernel `(inputs, nodes)` as a weight `(nodes, inputs)`, row by row.
fn transposed(kernel: Array, shape: &LayerShape) -> Vec<f32> {
    if kernel.column_major {
        return kernel.values;
    }
    let column = |node| kernel.values[node..].iter().step_by(shape.nodes).copied();
    (0..shape.nodes).flat_map(column).collect()
}

fn arrays(bytes: &[u8]) -> Result<Vec<Array>, String> {
    let unreadable = |error: &dyn std::fmt::Display| {
        format!("is not a whole zip archive of numpy arrays: {}", printable(&error.to_string()))
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let mut budget = bytes.len() as u64 + SLACK;
    let mut arrays = Vec::new();
    for n in 0..archive.len() {
        let mut file = archive.by_index(n).map_err(|error| unreadable(&error))?;
        let path = file.name().map_err(|error| unreadable(&error))?.into_owned();
        let Some(name) = path.strip_suffix(".npy") else {
            return Err(format!("holds `{}`: only numpy arrays are expected", printable(&path)));
        };
        let mut unpacked = Vec::new();
        (&mut file).take(budget + 1).read_to_end(&mut unpacked).map_err(|error| unreadable(&error))?;
        budget = budget
            .checked_sub(unpacked.len() as u64)
            .ok_or_else(|| format!("unpacks to more than {} bytes", bytes.len() as u64 + SLACK))?;
        let array = array(name, &unpacked);
        arrays.push(array.ok_or_else(|| format!("`{}` is not a whole float32 or float64 array", printable(name)))?);
    }
    Ok(arrays)
}

/// Reads the `.npy` format, versions 1 to 3, for plain little-endian floats. Our own few lines: readers made for every
/// array reserve what a header claims, and multiply shapes until they overflow.
/// <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>
fn array(name: &str, bytes: &[u8]) -> Option<Array> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (version, rest) = rest.split_first_chunk::<2>()?;
    let (length, rest) = match version[0] {
        1 => rest.split_first_chunk::<2>().map(|(n, rest)| (usize::from(u16::from_le_bytes(*n)), rest))?,
        2 | 3 => rest.split_first_chunk::<4>().map(|(n, rest)| (u32::from_le_bytes(*n) as usize, rest))?,
        _ => return None,
    };
    let (header, data) = rest.split_at_checked(length.min(HEADER_LIMIT + 1))?;
    let header = std::str::from_utf8(header).ok().filter(|h| h.len() <= HEADER_LIMIT)?;

    let value = |key: &str| header.split_once(&format!("'{key}':")).map(|(_, value)| value.trim_start());
    let column_major = value("fortran_order")?.starts_with("True");
    let shape = value("shape")?.strip_prefix('(')?.split_once(')')?.0;
    let shape = shape.split(',').map(str::trim).filter(|n| !n.is_empty());
    let shape: Vec<usize> = shape.map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let len = shape.iter().try_fold(1_usize, |len, &n| len.checked_mul(n))?;

    let values: Vec<f32> = match value("descr")?.get(..5)? {
        "'<f4'" => data.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
        "'<f8'" => data.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b) as f32).collect(),
        _ => return None,
    };
    let whole = values.len() == len && data.len().is_multiple_of(len.max(1));
    whole.then(|| Array { name: name.to_string(), shape, column_major, values })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    /// An array as `np.save` writes it; the values count up from `first`.
    fn npy(descr: &str, fortran: &str, shape: &[usize], first: usize) -> Vec<u8> {
        let sizes: Vec<_> = shape.iter().map(|n| format!("{n},")).collect();
        let mut bytes = head(descr, fortran, &sizes.join(" "));
        for value in first..first + shape.iter().product::<usize>() {
            match descr {
                "<f8" => bytes.extend((value as f64).to_le_bytes()),
                _ => bytes.extend((value as f32).to_le_bytes()),
            }
        }
        bytes
    }

    fn head(descr: &str, fortran: &str, sizes: &str) -> Vec<u8> {
        let mut header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': ({sizes}), }}");
        while (10 + header.len() + 1) % 64 != 0 {
            header.push(' ');
        }
        header.push('\n');
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes
    }

    fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in arrays {
            zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn transposes_kernels_in_natural_order() {
        let layers = layers(&npz(&[
            ("arr_10", npy("<f4", "False", &[10], 7)),
            ("arr_2", npy("<f8", "False", &[3, 10], 100)),
            ("arr_0", npy("<f4", "False", &[784, 3], 0)),
            ("arr_1", npy("<f4", "False", &[3], 5)),
        ]))
        .unwrap();
        // np.arange(784 * 3).reshape(784, 3).T[1, :3] -> 1, 4, 7
        assert_eq!(layers[0].weight.dim(), (3, 784));
        assert_eq!(layers[0].weight.row(1).to_vec()[..3], [1.0, 4.0, 7.0]);
        assert_eq!(layers[0].bias.to_vec(), [5.0, 6.0, 7.0]);
        // np.arange(100, 130).reshape(3, 10).T[4] -> 104, 114, 124
        assert_eq!(layers[1].weight.row(4).to_vec(), [104.0, 114.0, 124.0]);
        assert_eq!(layers[1].bias.to_vec()[7..], [14.0, 15.0, 16.0]);
        assert!(layers[0].weight.is_standard_layout());
    }

    #[test]
    fn takes_column_major_kernels_and_missing_biases() {
        let layers = layers(&npz(&[("w", npy("<f4", "True", &[784, 10], 0))])).unwrap();
        // np.arange(7840).reshape((784, 10), order="F").T[1, :3] -> 784, 785, 786
        assert_eq!(layers[0].weight.row(1).to_vec()[..3], [784.0, 785.0, 786.0]);
        assert_eq!(layers[0].bias.to_vec(), [0.0; 10]);
    }

    #[test]
    fn says_what_does_not_fit() {
        let error = |arrays: &[(&str, Vec<u8>)]| layers(&npz(arrays)).unwrap_err();
        assert!(error(&[("a", npy("<f4", "False", &[10, 784], 0))]).ends_with("Keras' kernels are (inputs, nodes)"));
        assert!(error(&[("b", npy("<f4", "False", &[10], 0))]).contains("`b` [10] is neither"));
        assert!(error(&[("i", npy("<i4", "False", &[784, 10], 0))]).contains("`i` is not a whole float32"));
        let mut cut = npy("<f4", "False", &[784, 10], 0);
        cut.truncate(9_000);
        assert!(error(&[("c", cut)]).contains("`c` is not a whole"));
        let vast = head("<f4", "False", "4294967296, 4294967296");
        assert!(error(&[("v", vast)]).contains("`v` is not a whole"));
        assert!(error(&[]).contains("no weights"));
    }

    #[test]
    fn refuses_a_bomb() {
        let bytes = npz(&[("a", vec![0; (SLACK + (1 << 20)) as usize])]);
        assert!(bytes.len() < 200_000);
        assert!(layers(&bytes).unwrap_err().contains("unpacks to more than"));
    }

    #[test]
    fn a_cut_archive_is_an_error() {
        let whole = npz(&[("arr_0", npy("<f4", "False", &[784, 10], 0))]);
        for n in 0..20 {
            assert!(layers(&whole[..n * (whole.len() - 1) / 19]).is_err());
        }
    }
}
