//! The IDX file format: what the four files of a set are called, and what their headers say.
//!
//! An images file is the magic number 2051, the count, the rows and the columns (big-endian u32), then one byte a
//! pixel; a labels file is 2049, the count, then one byte a label. <http://yann.lecun.com/exdb/mnist/> described it.

pub mod file;

use std::io::{self, Read};

use crate::data::dataset::{PIXELS, SIDE};
use crate::error::{Error, Kind, Result};

/// A SHA-256.
pub type Digest = [u8; 32];

/// Most images that a file may hold; far above any set of this kind, far below what a false header may claim.
const MAX_COUNT: usize = 5_000_000;

/// One of the four files of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Images to learn from.
    TrainImages,
    /// Labels to learn from.
    TrainLabels,
    /// Images to be judged on.
    TestImages,
    /// Labels to be judged on.
    TestLabels,
}

impl Part {
    /// All four, in the order in which this room lists them.
    pub const ALL: [Self; 4] = [Self::TrainImages, Self::TrainLabels, Self::TestImages, Self::TestLabels];

    /// The name of the plain file; a packed one has `.gz` after it.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::TrainImages => "train-images-idx3-ubyte",
            Self::TrainLabels => "train-labels-idx1-ubyte",
            Self::TestImages => "t10k-images-idx3-ubyte",
            Self::TestLabels => "t10k-labels-idx1-ubyte",
        }
    }

    /// Whether it holds images; else it holds labels.
    #[must_use]
    pub fn is_images(self) -> bool {
        matches!(self, Self::TrainImages | Self::TestImages)
    }

    fn magic(self) -> u32 {
        if self.is_images() { 2051 } else { 2049 }
    }

    fn header_len(self) -> usize {
        if self.is_images() { 16 } else { 8 }
    }

    fn item_len(self) -> usize {
        if self.is_images() { PIXELS } else { 1 }
    }

    fn content(self) -> &'static str {
        if self.is_images() { "images" } else { "labels" }
    }

    /// Length in bytes of a plain file of `count` images or labels.
    #[must_use]
    pub fn plain_len(self, count: usize) -> u64 {
        (self.header_len() + count * self.item_len()) as u64
    }
}

/// Reads the header of `part` and says how many images or labels it promises, if all else in it is as it must be.
fn read_header(reader: &mut impl Read, part: Part) -> Result<usize> {
    let mut header = [0; 16];
    let header = &mut header[..part.header_len()];
    reader.read_exact(header).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            Error::new(Kind::Data, format!("too short for the {} bytes of its header", header.len()))
        }
        _ => Error::new(Kind::Data, format!("cannot read its header: {error}")),
    })?;
    parse_header(header, part)
}

/// The count that a header of `part` promises, if all else in it is as it must be.
fn parse_header(header: &[u8], part: Part) -> Result<usize> {
    let word = |i: usize| header[4 * i..4 * i + 4].iter().fold(0_u32, |word, &byte| word << 8 | u32::from(byte));
    let error = |what: String| Err(Error::new(Kind::Data, what));
    let magic = word(0);
    if magic != part.magic() {
        let found = match magic {
            2051 => " (images)",
            2049 => " (labels)",
            _ => "",
        };
        return error(format!("magic number {magic}{found}, wanted {} ({})", part.magic(), part.content()));
    }
    let count = word(1) as usize;
    if part.is_images() && (word(2), word(3)) != (SIDE as u32, SIDE as u32) {
        return error(format!(
            "images of {}x{} pixels; weightscope works with images of {SIDE}x{SIDE}",
            word(2),
            word(3)
        ));
    }
    if count == 0 {
        return error(format!("its header says that it holds no {}", part.content()));
    }
    if count > MAX_COUNT {
        return error(format!("its header says {count} {}, more than the {MAX_COUNT} that fit", part.content()));
    }
    Ok(count)
}
