//! Named arrays and strings as the bytes of a safetensors file, with a checksum among the strings.
//!
//! The checksum `sha256` is the SHA-256 of the metadata without itself, one `key=value` a line in the order of the
//! keys, followed by each tensor in the order of the names: a line `name dtype shape` (`layers.0.bias F32 [512]`), then
//! its bytes as they are in the file. So it survives a rewriting by another program that only reorders the file.

use std::collections::BTreeMap;

use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};

use crate::error::printable;

/// The key of the checksum among the metadata.
pub(super) const CHECKSUM: &str = "sha256";
/// The longest header that is read: a hundred layers need 50 KB.
const HEADER_LIMIT: u64 = 1 << 20;

/// Strings by their keys.
pub(super) type Metadata = BTreeMap<String, String>;

/// An array to be written.
pub(super) struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    /// An f32 array with its values in row-major order.
    pub fn f32<'a>(shape: &[usize], values: impl IntoIterator<Item = &'a f32>) -> Self {
        let mut bytes = Vec::with_capacity(shape.iter().product::<usize>() * size_of::<f32>());
        bytes.extend(values.into_iter().flat_map(|value| value.to_le_bytes()));
        Self { dtype: Dtype::F32, shape: shape.to_vec(), bytes }
    }

    /// A single whole number.
    pub fn i64(value: i64) -> Self {
        Self { dtype: Dtype::I64, shape: Vec::new(), bytes: value.to_le_bytes().to_vec() }
    }
}

/// The file's bytes; the same content gives the same bytes. (The `safetensors` crate writes the metadata in the order
/// of a `HashMap`, which differs from run to run.)
pub(super) fn encode(tensors: &BTreeMap<String, Tensor>, mut metadata: Metadata) -> Vec<u8> {
    let sums = tensors.iter().map(|(name, t)| (name.as_str(), t.dtype, t.shape.as_slice(), t.bytes.as_slice()));
    metadata.insert(CHECKSUM.into(), checksum(&metadata, sums));

    // The whole numbers first, so that each array begins at a multiple of its element's size.
    let mut in_file: Vec<_> = tensors.iter().collect();
    in_file.sort_by_key(|(_, tensor)| tensor.dtype != Dtype::I64);
    let mut header = serde_json::Map::new();
    header.insert("__metadata__".into(), serde_json::json!(metadata));
    let mut end = 0;
    for (name, tensor) in &in_file {
        let begin = end;
        end += tensor.bytes.len();
        let info = serde_json::json!({ "dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [begin, end] });
        header.insert((*name).clone(), info);
    }
    let mut header = serde_json::Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');

    let mut bytes = Vec::with_capacity(8 + header.len() + end);
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header);
    for (_, tensor) in in_file {
        bytes.extend(&tensor.bytes);
    }
    bytes
}

/// A safetensors file that was taken apart: every tensor lies within `bytes`, its size as its shape says.
pub(super) struct Decoded<'a> {
    pub metadata: Metadata,
    pub tensors: SafeTensors<'a>,
}

/// Takes the bytes of a file apart; the error says what is wrong with them.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, String> {
    let length = bytes.first_chunk().map(|&length| u64::from_le_bytes(length));
    match length {
        None => return Err("is not a safetensors file: it ends before its header".into()),
        Some(n) if n > bytes.len() as u64 - 8 => {
            return Err(format!(
                "is not a whole safetensors file: its header should have {n} bytes, and {} are there",
                bytes.len() - 8
            ));
        }
        Some(n) if n > HEADER_LIMIT => return Err(format!("has a header of {n} bytes, more than {HEADER_LIMIT}")),
        Some(_) => {}
    }
    let damaged = |error| format!("is not a whole safetensors file: {}", printable(&format!("{error}")));
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let metadata = header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
    Ok(Decoded { metadata, tensors: SafeTensors::deserialize(bytes).map_err(damaged)? })
}

impl Decoded<'_> {
    /// Whether the checksum in the metadata is that of the content.
    pub fn is_whole(&self) -> bool {
        let mut tensors: Vec<_> = self.tensors.iter().collect();
        tensors.sort_by_key(|(name, _)| *name);
        let sums = tensors.iter().map(|(name, t)| (*name, t.dtype(), t.shape(), t.data()));
        self.metadata.get(CHECKSUM) == Some(&checksum(&self.metadata, sums))
    }

    /// The values of the f32 array `name`, whose shape must be `shape`.
    pub fn f32(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let tensor = self.tensors.tensor(name).map_err(|_| format!("holds no tensor `{name}`"))?;
        if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
            return Err(format!(
                "tensor `{name}` is {} {:?}, and F32 {shape:?} is needed",
                tensor.dtype(),
                tensor.shape()
            ));
        }
        Ok(tensor.data().as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
    }

    /// The whole number `name`.
    pub fn i64(&self, name: &str) -> Option<i64> {
        let tensor = self.tensors.tensor(name).ok().filter(|t| t.dtype() == Dtype::I64)?;
        tensor.data().try_into().ok().map(i64::from_le_bytes)
    }
}

/// The checksum of metadata and of tensors in the order of their names, as 64 hex digits.
fn checksum<'a>(metadata: &Metadata, tensors: impl Iterator<Item = (&'a str, Dtype, &'a [usize], &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    for (key, value) in metadata.iter().filter(|(key, _)| *key != CHECKSUM) {
        hash.update(format!("{key}={value}\n"));
    }
    for (name, dtype, shape, bytes) in tensors {
        hash.update(format!("{name} {dtype} {shape:?}\n"));
        hash.update(bytes);
    }
    hash.finalize().iter().fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let tensors = BTreeMap::from([
            ("a".to_string(), Tensor::f32(&[3], &[1.0, -2.5, 3.0])),
            ("step".to_string(), Tensor::i64(7)),
        ]);
        encode(&tensors, Metadata::from([("k".into(), "v".into())]))
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = sample();
        let decoded = decode(&bytes).unwrap();
        assert!(decoded.is_whole());
        assert_eq!(decoded.f32("a", &[3]).unwrap(), [1.0, -2.5, 3.0]);
        assert_eq!(decoded.i64("step"), Some(7));
        assert_eq!(decoded.metadata["k"], "v");
    }

    // import hashlib, struct
    // h = hashlib.sha256(b"k=v\n" + b"a F32 [3]\n" + struct.pack("<3f", 1, -2.5, 3) + b"step I64 []\n" + struct.pack("<q", 7))
    // print(h.hexdigest())
    #[test]
    fn the_checksum_is_the_one_described() {
        let bytes = sample();
        assert_eq!(
            decode(&bytes).unwrap().metadata[CHECKSUM],
            "38bd0781d331da30a9dc57392db9cd81eb92998cb950f4dd7feb3bba8d17ce7e"
        );
    }

    #[test]
    fn refuses_a_header_longer_than_the_file_without_reserving_it() {
        let mut bytes = sample();
        bytes[..8].copy_from_slice(&(1u64 << 40).to_le_bytes());
        assert!(decode(&bytes).err().unwrap().contains("1099511627776"));
    }
}
