//! The IDX file format: one file of images or labels, verified and read, plain or packed with gzip.
//!
//! An images file is the magic number 2051, the count, the rows and the columns (big-endian u32), then one byte a
//! pixel; a labels file is 2049, the count, then one byte a label. <http://yann.lecun.com/exdb/mnist/> described it.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use crate::data::dataset::{CLASSES, PIXELS, SIDE};
use crate::error::{Error, Kind, Result};

/// A SHA-256.
pub type Digest = [u8; 32];

/// Most images that a file may hold; far above any set of this kind, far below what a false header may claim.
const MAX_COUNT: usize = 5_000_000;
/// A packed file may unpack to [`FREE_LENGTH`] bytes and so many times its own length. MNIST packs 4.7 to 1; a file
/// made to exhaust the memory packs 1000 to 1.
const MAX_RATIO: u64 = 16;
/// See [`MAX_RATIO`].
const FREE_LENGTH: u64 = 64 << 20;
/// Bytes handled at a time: small enough to stay in the cache between unpacking, hashing and copying.
const CHUNK: usize = 128 << 10;

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

/// The digests of a file that was read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digests {
    /// Of the plain bytes, header included.
    pub content: Digest,
    /// Of the packed file as it lies on disk.
    pub packed: Option<Digest>,
}

/// A file whose header was found in order; the rest is verified when it is read.
#[derive(Debug, Clone)]
pub struct IdxFile {
    /// Which of the four it is.
    pub part: Part,
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is packed with gzip.
    pub packed: bool,
    /// Its length on disk, in bytes.
    pub len: u64,
    /// How many images or labels its header promises.
    pub count: usize,
}

impl IdxFile {
    /// Opens `part` in `dir`, plain before packed, and checks kind, header and length, but reads no content.
    ///
    /// `None` if neither file is there.
    pub fn find(dir: &Path, part: Part) -> Result<Option<Self>> {
        let plain = dir.join(part.file_name());
        if let Some(len) = regular_len(&plain)? {
            return Self::open(plain, part, false, len).map(Some);
        }
        let packed = packed_path(&plain);
        match regular_len(&packed)? {
            Some(len) => Self::open(packed, part, true, len).map(Some),
            None => Ok(None),
        }
    }

    /// Opens the file at `path`, of `len` bytes, and checks its header and length.
    pub fn open(path: PathBuf, part: Part, packed: bool, len: u64) -> Result<Self> {
        let file = open(&path)?;
        let count = if packed {
            read_header(&mut MultiGzDecoder::new(BufReader::with_capacity(4096, file)), part)
        } else {
            read_header(&mut &file, part)
        }
        .map_err(|error| error.at(&path))?;
        let found = Self { part, path, packed, len, count };
        found.check_len()?;
        Ok(found)
    }

    /// Holds the header's count against the length on disk.
    fn check_len(&self) -> Result<()> {
        let wanted = self.part.plain_len(self.count);
        let Self { part, count, len, .. } = self;
        if !self.packed && *len != wanted {
            let difference = if *len < wanted { "cut short" } else { "has bytes after its end" };
            return Err(self.error(format!(
                "the file {difference}: its header says {count} {}, {wanted} bytes in all, and there are {len}",
                part.content()
            )));
        }
        let most = FREE_LENGTH + MAX_RATIO * len;
        if self.packed && wanted > most {
            return Err(self.error(format!(
                "its header says {count} {}, {wanted} bytes unpacked, more than the {most} that {len} packed bytes \
                 may become",
                part.content()
            )));
        }
        Ok(())
    }

    /// Reads the file to its end and verifies it: exact length, labels below [`CLASSES`], gzip's own checksum.
    /// `take` gets the content after the header, piece by piece.
    pub fn stream(&self, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<Digests> {
        let file = open(&self.path)?;
        if self.packed {
            let mut hashed = Hashed { file, digest: Sha256::new() };
            let reader = BufReader::with_capacity(CHUNK, &mut hashed);
            let content = self.stream_plain(MultiGzDecoder::new(reader), &mut take)?;
            Ok(Digests { content, packed: Some(hashed.digest.finalize().into()) })
        } else {
            Ok(Digests { content: self.stream_plain(file, &mut take)?, packed: None })
        }
    }

    fn stream_plain(&self, mut reader: impl Read, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Digest> {
        let mut digest = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        let header = &mut chunk[..self.part.header_len()];
        reader.read_exact(header).map_err(|error| self.read_error(&error, 0))?;
        if parse_header(header, self.part).map_err(|error| error.at(&self.path))? != self.count {
            return Err(self.error("the file changed while it was read".to_owned()));
        }
        digest.update(&*header);

        let wanted = self.count * self.part.item_len();
        let mut done = 0;
        while done < wanted {
            let room = CHUNK.min(wanted - done);
            let n = reader.read(&mut chunk[..room]).map_err(|error| self.read_error(&error, done))?;
            if n == 0 {
                return Err(self.read_error(&io::ErrorKind::UnexpectedEof.into(), done));
            }
            if !self.part.is_images() {
                self.check_labels(&chunk[..n], done)?;
            }
            digest.update(&chunk[..n]);
            take(&chunk[..n])?;
            done += n;
        }
        // One read more: nothing may follow, and gzip checks its sum only when it is asked for more than there is.
        if reader.read(&mut chunk[..1]).map_err(|error| self.read_error(&error, done))? != 0 {
            return Err(self.error(format!(
                "the file has bytes after its end: its header says {} {}, and more follows",
                self.count,
                self.part.content()
            )));
        }
        Ok(digest.finalize().into())
    }

    fn check_labels(&self, labels: &[u8], first: usize) -> Result<()> {
        match labels.iter().position(|&label| usize::from(label) >= CLASSES) {
            Some(i) => Err(self.error(format!(
                "label number {} is {}, but labels go from 0 to {}",
                first + i,
                labels[i],
                CLASSES - 1
            ))),
            None => Ok(()),
        }
    }

    fn read_error(&self, error: &io::Error, done: usize) -> Error {
        let whole = self.part.plain_len(self.count);
        let there = (self.part.header_len() + done) as u64;
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.error(format!(
                "the file is cut short: its header says {} {}, {whole} bytes in all, and only {there} can be read",
                self.count,
                self.part.content()
            )),
            _ if self.packed => self.error(format!("the .gz file is damaged after {there} unpacked bytes: {error}")),
            _ => Error::io(&self.path, "read the file", error),
        }
    }

    fn error(&self, what: String) -> Error {
        Error::new(Kind::Data, what).at(&self.path)
    }
}

/// `path` with `.gz` after it.
#[must_use]
pub fn packed_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    name.into()
}

/// The length of the regular file at `path`; `None` if nothing is there.
///
/// Asked before the file is opened, because opening a pipe would wait for its writer.
pub fn regular_len(path: &Path) -> Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_file() => Ok(Some(meta.len())),
        Ok(_) => Err(Error::new(Kind::Data, "not a regular file").at(path)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::io(path, "look at the file", &error)),
    }
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| Error::io(path, "open the file", &error))
}

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

/// A file whose bytes are hashed as they are read.
struct Hashed {
    file: File,
    digest: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.digest.update(&buffer[..n]);
        Ok(n)
    }
}
