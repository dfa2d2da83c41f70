//! One IDX file, plain or packed with gzip: found, verified, read.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use crate::data::dataset::CLASSES;
use crate::data::idx::{Digest, Part, parse_header, read_header};
use crate::error::{Error, Kind, Result};

/// A packed file may unpack to [`FREE_LENGTH`] bytes and so many times its own length. MNIST packs 4.7 to 1; a file
/// made to exhaust the memory packs 1000 to 1.
const MAX_RATIO: u64 = 16;
/// See [`MAX_RATIO`].
const FREE_LENGTH: u64 = 64 << 20;
/// Bytes handled at a time: small enough to stay in the cache between unpacking, hashing and copying.
const CHUNK: usize = 128 << 10;
/// Pieces that may wait between the thread that unpacks and the one that hashes.
const WAITING: usize = 4;

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
    ///
    /// `take` gets the content after the header, piece by piece, on another thread: while one unpacks, the other
    /// hashes and takes.
    pub fn stream(&self, take: impl FnMut(&[u8]) + Send) -> Result<Digests> {
        let file = open(&self.path)?;
        if self.packed {
            let mut hashed = Hashed { file, digest: Sha256::new() };
            let reader = BufReader::with_capacity(CHUNK, &mut hashed);
            let content = self.stream_plain(MultiGzDecoder::new(reader), take)?;
            Ok(Digests { content, packed: Some(hashed.digest.finalize().into()) })
        } else {
            Ok(Digests { content: self.stream_plain(file, take)?, packed: None })
        }
    }

    fn stream_plain(&self, mut reader: impl Read, mut take: impl FnMut(&[u8]) + Send) -> Result<Digest> {
        let mut header = vec![0; self.part.header_len()];
        reader.read_exact(&mut header).map_err(|error| self.read_error(&error, 0))?;
        if parse_header(&header, self.part).map_err(|error| error.at(&self.path))? != self.count {
            return Err(self.error("the file changed while it was read".to_owned()));
        }
        let mut digest = Sha256::new_with_prefix(&header);
        std::thread::scope(|scope| {
            let (send, pieces) = sync_channel::<Vec<u8>>(WAITING);
            let hash = scope.spawn(move || {
                for piece in pieces {
                    digest.update(&piece);
                    take(&piece);
                }
                digest.finalize().into()
            });
            self.read_content(reader, |piece| {
                // Fails only if the other thread panicked, which joining it tells.
                let _ = send.send(piece);
            })?;
            drop(send);
            Ok(hash.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }

    /// Reads what follows the header and checks that it is exactly as long as the header says.
    fn read_content(&self, mut reader: impl Read, mut give: impl FnMut(Vec<u8>)) -> Result<()> {
        let wanted = self.count * self.part.item_len();
        let mut done = 0;
        while done < wanted {
            let mut piece = vec![0; CHUNK.min(wanted - done)];
            let n = reader.read(&mut piece).map_err(|error| self.read_error(&error, done))?;
            if n == 0 {
                return Err(self.read_error(&io::ErrorKind::UnexpectedEof.into(), done));
            }
            piece.truncate(n);
            if !self.part.is_images() {
                self.check_labels(&piece, done)?;
            }
            give(piece);
            done += n;
        }
        // One read more: nothing may follow, and gzip checks its sum only when it is asked for more than there is.
        if reader.read(&mut [0]).map_err(|error| self.read_error(&error, done))? != 0 {
            return Err(self.error(format!(
                "the file has bytes after its end: its header says {} {}, and more follows",
                self.count,
                self.part.content()
            )));
        }
        Ok(())
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
