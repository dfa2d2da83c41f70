//! What several tests of this room share: small sets on disk, and the real one if the machine has it.

#[cfg(feature = "fetch")]
pub mod server;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::data::dataset::PIXELS;
use crate::data::idx::Part;

/// A whole plain file: `count` images of a moving pattern, or the labels 0 1 2 … 9 0 1 ….
pub fn idx_bytes(part: Part, count: usize) -> Vec<u8> {
    let words: &[u32] = if part.is_images() { &[2051, count as u32, 28, 28] } else { &[2049, count as u32] };
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    if part.is_images() {
        bytes.extend((0..count * PIXELS).map(|i| (i as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0]));
    } else {
        bytes.extend((0..count).map(|i| (i % 10) as u8));
    }
    bytes
}

/// The four plain files in `dir`, which is made if need be.
pub fn write_set(dir: &Path, train: usize, test: usize) {
    fs::create_dir_all(dir).unwrap();
    for (part, count) in Part::ALL.into_iter().zip([train, train, test, test]) {
        fs::write(dir.join(part.file_name()), idx_bytes(part, count)).unwrap();
    }
}

/// `content`, packed, at `path`.
pub fn write_gz(path: &Path, content: &[u8]) {
    let mut packer = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
    packer.write_all(content).unwrap();
    packer.finish().unwrap();
}

/// Puts the four packed files of the real MNIST in `real` into `dir`, as a mirror has them.
#[cfg(feature = "fetch")]
pub fn pack_mnist(real: &Path, dir: &Path) {
    use crate::data::known::Set;
    use crate::data::mnist::Folder;

    for file in &Folder::find(real, Set::Mnist).unwrap().expect("WEIGHTSCOPE_MNIST holds MNIST").files {
        let packed = dir.join(format!("{}.gz", file.part.file_name()));
        if file.packed {
            fs::copy(&file.path, packed).unwrap();
        } else {
            write_gz(&packed, &fs::read(&file.path).unwrap());
        }
    }
}

/// The folder that `WEIGHTSCOPE_MNIST` names; `None`, with a word on why, if the variable is unset.
///
/// If it is set, the test that asks must find MNIST there or fail.
pub fn real_mnist() -> Option<PathBuf> {
    let dir = std::env::var_os("WEIGHTSCOPE_MNIST").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    if dir.is_none() {
        // A test's skipping must show in its output.
        #[expect(clippy::print_stderr, reason = "for whoever reads the test's output")]
        {
            eprintln!("skipped: WEIGHTSCOPE_MNIST is not set, so there is no real MNIST to test with");
        }
    }
    dir
}
