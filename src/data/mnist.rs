//! The four IDX files of a folder: found, verified, then read into a [`Dataset`].
//!
//! Plain files of MNIST's own size are read by the `mnist` crate, which this file alone touches. The crate panics on
//! everything odd, accepts bytes after the end (and then shifts the test images against their labels), and takes its
//! test set from the training images unless all lengths are given; so every file is verified before it, and the
//! lengths are given in full. All other files are read by [`IdxFile::stream`].

use std::io;
use std::path::{Path, PathBuf};

use crate::data::dataset::{Dataset, PIXELS, Split, digit_names};
use crate::data::idx::Part;
use crate::data::idx::file::{Digests, IdxFile, packed_path, regular_len};
use crate::data::known::{Set, to_hex};
use crate::error::{Error, Kind, Result};

/// A folder with the four files, their headers in order.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Where it is.
    pub dir: PathBuf,
    /// The files, in the order of [`Part::ALL`].
    pub files: [IdxFile; 4],
}

/// What the content of the four files turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// All four are this set's.
    Whole(Set),
    /// Some of the four are this set's, the others (named by the flags, in the order of [`Part::ALL`]) are not.
    Partly(Set, [bool; 4]),
    /// No known set; a set of the user's own.
    Own,
}

impl Folder {
    /// Looks for the four files in `dir` and checks their headers.
    ///
    /// `None` if none of them is there. An error if some are, but not all, or one is not in order. `set` is what its
    /// help offers to download.
    pub fn find(dir: &Path, set: Set) -> Result<Option<Self>> {
        let help = fetch_help(set, dir);
        let mut found = Vec::new();
        let mut missing = Vec::new();
        for part in Part::ALL {
            match IdxFile::find(dir, part).map_err(|error| error.help(&help))? {
                Some(file) => found.push(file),
                None => missing.push(part),
            }
        }
        if found.is_empty() {
            return Ok(None);
        }
        match <[IdxFile; 4]>::try_from(found) {
            Ok(files) => {
                let folder = Self { dir: dir.to_owned(), files };
                folder.check_counts().map_err(|error| error.help(help))?;
                Ok(Some(folder))
            }
            Err(_) => Err(missing_error(dir, &missing, set)),
        }
    }

    /// Images in the training split, by the header.
    #[must_use]
    pub fn train_size(&self) -> usize {
        self.files[0].count
    }

    /// Images in the test split, by the header.
    #[must_use]
    pub fn test_size(&self) -> usize {
        self.files[2].count
    }

    /// Whether its counts are those of the published sets.
    #[must_use]
    pub fn has_mnist_size(&self) -> bool {
        (self.train_size(), self.test_size()) == (Set::TRAIN_SIZE, Set::TEST_SIZE)
    }

    fn check_counts(&self) -> Result<()> {
        for [images, labels] in [[0, 1], [2, 3]].map(|pair| pair.map(|i| &self.files[i])) {
            if images.count != labels.count {
                return Err(Error::new(
                    Kind::Data,
                    format!(
                        "{} images in {} but {} labels in {}",
                        images.count,
                        images.part.file_name(),
                        labels.count,
                        labels.part.file_name()
                    ),
                )
                .at(&self.dir));
            }
        }
        Ok(())
    }

    /// One sentence for each file that is there both plain and packed with different content: which of them is used.
    pub fn doubles(&self) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        for file in self.files.iter().filter(|file| !file.packed) {
            let packed = packed_path(&file.path);
            let Some(len) = regular_len(&packed)? else { continue };
            let same = IdxFile::open(packed, file.part, true, len)
                .and_then(|packed| packed.stream(|_| ()))
                .is_ok_and(|packed| file.stream(|_| ()).is_ok_and(|plain| plain.content == packed.content));
            if !same {
                let name = file.part.file_name();
                notes.push(format!("{name} and {name}.gz differ in {}; the plain file is used", self.dir.display()));
            }
        }
        Ok(notes)
    }

    /// Reads all four files to their ends, keeps nothing, and says what they are.
    pub fn verify(&self) -> Result<Identity> {
        let digests = self.each(|file| file.stream(|_| ()))?;
        Ok(identify(&digests))
    }

    /// Verifies the four files and reads them.
    ///
    /// `wanted`: the set that the user named; the content of another is then an error. `own`: the user named the
    /// folder, which may hold anything; else content that is a known set's only in part is an error.
    pub fn load(&self, wanted: Option<Set>, own: bool) -> Result<Dataset> {
        let plain = self.has_mnist_size() && self.files.iter().all(|file| !file.packed);
        let (identity, train, test) = match self.dir.to_str() {
            Some(dir) if plain => {
                let identity = self.verify()?;
                let (train, test) = read_with_crate(dir);
                (identity, train, test)
            }
            _ => self.read()?,
        };
        self.check_identity(identity, wanted, own)?;
        let (name, class_names) = match identity {
            Identity::Whole(set) => (set.name().to_owned(), set.class_names()),
            Identity::Partly(..) | Identity::Own => {
                let named = wanted.or_else(|| folder_name(&self.dir).parse().ok());
                (folder_name(&self.dir), named.map_or_else(digit_names, Set::class_names))
            }
        };
        Ok(Dataset { name, train, test, class_names })
    }

    /// Our own reader: both splits as they come out of verification.
    pub(crate) fn read(&self) -> Result<(Identity, Split, Split)> {
        let contents = self.each(|file| {
            let mut bytes = Vec::new();
            let len = file.count * if file.part.is_images() { PIXELS } else { 1 };
            bytes
                .try_reserve_exact(len)
                .map_err(|_| Error::new(Kind::Data, format!("no memory for its {len} bytes")).at(&file.path))?;
            let digests = file.stream(|piece| bytes.extend_from_slice(piece))?;
            Ok((digests, bytes))
        })?;
        let identity = identify(&contents.each_ref().map(|(digests, _)| *digests));
        let [train_images, train_labels, test_images, test_labels] = contents.map(|(_, bytes)| bytes);
        Ok((identity, Split::new(train_images, train_labels), Split::new(test_images, test_labels)))
    }

    /// Does `work` for each file on a thread of its own; of several errors the first in the order of [`Part::ALL`].
    fn each<T: Send>(&self, work: impl Fn(&IdxFile) -> Result<T> + Sync) -> Result<[T; 4]> {
        let work = &work;
        let [a, b, c, d] = std::thread::scope(|scope| {
            self.files
                .each_ref()
                .map(|file| scope.spawn(move || work(file)))
                .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        Ok([a?, b?, c?, d?])
    }

    fn check_identity(&self, identity: Identity, wanted: Option<Set>, own: bool) -> Result<()> {
        match (identity, wanted) {
            (Identity::Whole(found), Some(wanted)) if found != wanted => {
                Err(Error::new(Kind::Data, format!("the four files are {found}, not {wanted}"))
                    .at(&self.dir)
                    .help(format!("`--data {}` uses them as they are", self.dir.display())))
            }
            (Identity::Partly(set, ours), _) if !own => {
                let (file, _) = self.files.iter().zip(ours).find(|(_, ours)| !ours).unwrap_or((&self.files[0], false));
                let digests = file.stream(|_| ())?;
                Err(Error::new(
                    Kind::Data,
                    format!(
                        "the content is not {set}'s, as that of its neighbours is: SHA-256 {}",
                        to_hex(&digests.content)
                    ),
                )
                .at(&file.path)
                .help(fetch_help(set, &self.dir)))
            }
            (Identity::Partly(set, _), _) => {
                tracing::warn!("{}: some of the four files are {set}'s and some are not", self.dir.display());
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// What the four files are, by their digests.
#[must_use]
pub fn identify(digests: &[Digests; 4]) -> Identity {
    for set in Set::ALL {
        let matches = [0, 1, 2, 3].map(|i| set.matches(Part::ALL[i], &digests[i]));
        if matches == [Some(true); 4] {
            return Identity::Whole(set);
        }
        // A file that cannot be told is not held against its neighbours.
        if matches.contains(&Some(true)) {
            let ours = matches.map(|matches| matches != Some(false));
            return if ours == [true; 4] { Identity::Whole(set) } else { Identity::Partly(set, ours) };
        }
    }
    Identity::Own
}

/// Reads verified plain files of MNIST's own size.
fn read_with_crate(dir: &str) -> (Split, Split) {
    let mnist::Mnist { trn_img, trn_lbl, tst_img, tst_lbl, .. } = mnist::MnistBuilder::new()
        .base_path(dir)
        .label_format_digit()
        .training_set_length(Set::TRAIN_SIZE as u32)
        .validation_set_length(0)
        .test_set_length(Set::TEST_SIZE as u32)
        .finalize();
    (Split::new(trn_img, trn_lbl), Split::new(tst_img, tst_lbl))
}

/// Says which of the four files `dir` lacks.
#[must_use]
pub fn missing_error(dir: &Path, missing: &[Part], set: Set) -> Error {
    let names: Vec<&str> = missing.iter().map(|part| part.file_name()).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    Error::new(Kind::Data, format!("{} {verb} missing (plain or with .gz)", names.join(", ")))
        .at(dir)
        .help(fetch_help(set, dir))
}

/// The command that downloads `set` into `dir`.
#[must_use]
pub fn fetch_help(set: Set, dir: &Path) -> String {
    format!("`weightscope data fetch {set} --dir {}` downloads what is missing or damaged", dir.display())
}

/// The last part of `dir`, to call a set by.
#[must_use]
pub fn folder_name(dir: &Path) -> String {
    let absolute = dir.canonicalize().or_else(|_: io::Error| std::path::absolute(dir));
    let name = absolute.ok().and_then(|dir| dir.file_name().map(|name| name.to_string_lossy().into_owned()));
    name.unwrap_or_else(|| dir.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::data::testing::{idx_bytes, real_mnist, write_gz, write_set};

    fn find(dir: &Path) -> Result<Folder> {
        Folder::find(dir, Set::Mnist).map(|folder| folder.expect("files are there"))
    }

    fn load(dir: &Path) -> Result<Dataset> {
        find(dir)?.load(None, true)
    }

    /// Writes `content` packed, in place of the plain file.
    fn pack(path: &Path) -> PathBuf {
        let packed = packed_path(path);
        write_gz(&packed, &fs::read(path).unwrap());
        fs::remove_file(path).unwrap();
        packed
    }

    #[test]
    fn a_folder_of_any_counts_is_read_plain_and_packed() {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), 37, 12);
        let plain = load(dir.path()).unwrap();
        assert_eq!((plain.train.len(), plain.test.len()), (37, 12));
        assert_eq!(plain.train.labels()[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
        assert_eq!(plain.train.image(3), &idx_bytes(Part::TrainImages, 37)[16 + 3 * PIXELS..][..PIXELS]);
        for part in Part::ALL {
            pack(&dir.path().join(part.file_name()));
        }
        let packed = load(dir.path()).unwrap();
        assert_eq!((&plain.train, &plain.test), (&packed.train, &packed.test));
    }

    #[test]
    fn both_readers_give_the_same_bytes() {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), Set::TRAIN_SIZE, Set::TEST_SIZE);
        let (identity, train, test) = find(dir.path()).unwrap().read().unwrap();
        assert_eq!(identity, Identity::Own);
        assert_eq!((train, test), read_with_crate(dir.path().to_str().unwrap()));
    }

    #[test]
    fn real_mnist_has_its_own_split_and_both_readers_agree() {
        let Some(dir) = real_mnist() else { return };
        let folder = Folder::find(&dir, Set::Mnist).unwrap().expect("WEIGHTSCOPE_MNIST holds MNIST");
        let ours = folder.load(Some(Set::Mnist), false).unwrap();
        assert_eq!(ours.name, "mnist");
        assert_eq!((ours.train.len(), ours.test.len()), (60_000, 10_000));
        // The labels that open train-labels and t10k-labels: the test split is t10k, not the end of the training set.
        assert_eq!(ours.train.labels()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
        assert_eq!(ours.test.labels()[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
        // import gzip, numpy; x = numpy.frombuffer(gzip.open("train-images-idx3-ubyte.gz").read(), "u1", offset=16)
        // print(x.sum(dtype="u8"), round(x.mean() / 255, 4))   # 1567298545 0.1307
        assert_eq!(ours.train.images().flatten().map(|&p| u64::from(p)).sum::<u64>(), 1_567_298_545);

        let plain = tempfile::tempdir().unwrap();
        for file in &folder.files {
            let mut bytes = idx_bytes(file.part, file.count)[..file.part.plain_len(0) as usize].to_vec();
            file.stream(|piece| bytes.extend_from_slice(piece)).unwrap();
            fs::write(plain.path().join(file.part.file_name()), bytes).unwrap();
        }
        let theirs = find(plain.path()).unwrap().load(Some(Set::Mnist), false).unwrap();
        assert_eq!((ours.train, ours.test), (theirs.train, theirs.test));

        // One pixel changed: the set that was asked for is damaged; as a folder of the user's own it may be used.
        let path = plain.path().join("t10k-images-idx3-ubyte");
        let mut bytes = fs::read(&path).unwrap();
        bytes[5000] ^= 1;
        fs::write(&path, bytes).unwrap();
        let changed = find(plain.path()).unwrap();
        let error = changed.load(Some(Set::Mnist), false).unwrap_err();
        assert_eq!(error.path(), Some(path.as_path()));
        assert!(error.to_string().contains("SHA-256"), "{error}");
        assert!(changed.load(None, false).is_err());
        assert_ne!(changed.load(None, true).unwrap().name, "mnist");
    }

    #[test]
    fn damaged_files_are_refused_with_the_reason() {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), 30, 10);
        let images = idx_bytes(Part::TrainImages, 30);
        let labels = idx_bytes(Part::TrainLabels, 30);
        let cut = images[..images.len() / 2].to_vec();
        let longer = [&images[..], &[0; 16]].concat();
        let mut claims = images[..16].to_vec();
        claims[4..8].fill(0xff);
        claims.extend([0; 4]);
        let mut large = images.clone();
        large[4..8].copy_from_slice(&31_u32.to_be_bytes());
        let mut other_size = images.clone();
        other_size[11] = 20;
        let mut none = images[..16].to_vec();
        none[4..8].fill(0);
        for (bytes, wanted) in [
            (&cut, "its header says 30 images, 23536 bytes in all, and there are 11768"),
            (&longer, "after its end"),
            (&labels, "magic number 2049 (labels), wanted 2051 (images)"),
            (&claims, "4294967295 images, more than"),
            (&large, "31 images"),
            (&other_size, "images of 20x28 pixels"),
            (&none, "no images"),
            (&images[..9].to_vec(), "too short for the 16 bytes of its header"),
            (&Vec::new(), "too short"),
        ] {
            let path = dir.path().join(Part::TrainImages.file_name());
            for packed in [false, true] {
                fs::write(&path, bytes).unwrap();
                let at = if packed { pack(&path) } else { path.clone() };
                let error = load(dir.path()).unwrap_err();
                // Of a packed file the length shows only while it is read, so the words differ.
                if !packed {
                    assert!(error.to_string().contains(wanted), "{error}");
                }
                assert!(error.path().is_some_and(|path| path == at || path == dir.path()), "{error}");
                assert_eq!(error.exit_code(), 1);
                fs::remove_file(at).unwrap();
            }
        }
    }

    #[test]
    fn a_label_above_nine_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), 30, 10);
        let mut labels = idx_bytes(Part::TestLabels, 10);
        labels[8 + 7] = 10;
        fs::write(dir.path().join(Part::TestLabels.file_name()), labels).unwrap();
        let error = load(dir.path()).unwrap_err();
        assert!(error.to_string().contains("label number 7 is 10"), "{error}");
    }

    #[test]
    fn images_and_labels_must_be_as_many() {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), 30, 10);
        fs::write(dir.path().join(Part::TrainLabels.file_name()), idx_bytes(Part::TrainLabels, 29)).unwrap();
        let error = find(dir.path()).unwrap_err();
        assert!(error.to_string().contains("30 images"), "{error}");
        assert!(error.to_string().contains("29 labels"), "{error}");
    }

    #[test]
    fn what_is_not_a_regular_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), 30, 10);
        let path = dir.path().join(Part::TrainLabels.file_name());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(find(dir.path()).unwrap_err().to_string().contains("not a regular file"));
    }

    #[test]
    fn a_packed_file_that_is_cut_or_changed_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), 300, 10);
        let path = pack(&dir.path().join(Part::TrainImages.file_name()));
        let whole = fs::read(&path).unwrap();
        assert!(load(dir.path()).is_ok());
        for keep in [0, 5, 20, whole.len() / 2, whole.len() - 8, whole.len() - 1] {
            fs::write(&path, &whole[..keep]).unwrap();
            let error = load(dir.path()).unwrap_err();
            assert_eq!(error.path(), Some(path.as_path()), "{keep} of {}: {error}", whole.len());
        }
        for at in [whole.len() / 2, whole.len() - 6] {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            fs::write(&path, &changed).unwrap();
            let error = load(dir.path()).unwrap_err();
            assert_eq!(error.path(), Some(path.as_path()), "byte {at}: {error}");
        }
    }

    #[test]
    fn a_packed_file_may_not_grow_without_measure() {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), 30, 10);
        // A header that promises 200 MB, well packed: refused by its header, before anything is unpacked.
        let mut header = idx_bytes(Part::TrainImages, 30)[..16].to_vec();
        header[4..8].copy_from_slice(&260_000_u32.to_be_bytes());
        let path = dir.path().join(Part::TrainImages.file_name());
        fs::remove_file(&path).unwrap();
        write_gz(&packed_path(&path), &header);
        let error = find(dir.path()).unwrap_err();
        assert!(error.to_string().contains("packed bytes may become"), "{error}");
    }

    #[test]
    fn plain_and_packed_side_by_side_are_compared() {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), 30, 10);
        let path = dir.path().join(Part::TrainLabels.file_name());
        let mut labels = idx_bytes(Part::TrainLabels, 30);
        write_gz(&packed_path(&path), &labels);
        assert_eq!(find(dir.path()).unwrap().doubles().unwrap(), Vec::<String>::new());
        labels[20] ^= 1;
        write_gz(&packed_path(&path), &labels);
        let notes = find(dir.path()).unwrap().doubles().unwrap();
        assert!(notes[0].contains("differ") && notes[0].contains("the plain file is used"), "{notes:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// Whatever the first bytes of a file are, it is read or refused, never a panic; and what is read is whole.
        #[test]
        fn no_header_is_too_odd(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            at in 0_usize..16,
            count in 0_u32..4,
            image in any::<bool>(),
        ) {
            let dir = tempfile::tempdir().unwrap();
            write_set(dir.path(), 2, 1);
            let part = if image { Part::TrainImages } else { Part::TrainLabels };
            let mut content = idx_bytes(part, 2);
            content[4..8].copy_from_slice(&count.to_be_bytes());
            let end = content.len().min(at + bytes.len());
            let at = at.min(end);
            content[at..end].copy_from_slice(&bytes[..end - at]);
            let path = dir.path().join(part.file_name());
            fs::write(&path, &content).unwrap();
            if let Ok(data) = load(dir.path()) {
                prop_assert_eq!(data.train.len(), 2);
            }
            pack(&path);
            if let Ok(data) = load(dir.path()) {
                prop_assert_eq!(data.train.len(), 2);
            }
        }
    }
}
