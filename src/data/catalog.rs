//! What data there is: a list of all sets that are found, and a report on the four files of a folder.

use std::path::{Path, PathBuf};

use crate::data::builtin;
use crate::data::idx::Part;
use crate::data::idx::file::{Digests, IdxFile};
use crate::data::known::{Set, to_hex};
use crate::data::mnist::{Identity, fetch_help, folder_name, identify};
use crate::data::source::Places;
use crate::error::{Error, Kind, Result};

/// A file with its digests; `None` if it is not there.
type Read = Result<Option<(IdxFile, Digests)>>;

/// What is known of one of the four files.
#[derive(Debug)]
pub enum Verdict {
    /// Whole, and its content is that of a published set.
    Known(Set),
    /// Whole and well formed; no published set that weightscope could compare it with.
    WellFormed,
    /// Well formed, but its neighbours are this set's and it is not.
    Differs(Set),
    /// Not there, neither plain nor packed.
    Missing,
    /// There, but it cannot be used; the error says why.
    Damaged(Error),
}

/// One of the four files.
#[derive(Debug)]
pub struct FileReport {
    /// Which of the four.
    pub part: Part,
    /// The plain file, or the packed one, or where the plain one would be.
    pub path: PathBuf,
    /// Length on disk, 0 if it is missing or unusable.
    pub len: u64,
    /// Images or labels in it, 0 if it is missing or unusable.
    pub count: usize,
    /// SHA-256 of the unpacked content, in hexadecimal digits.
    pub sha256: Option<String>,
    /// What it is worth.
    pub verdict: Verdict,
}

/// The four files of a folder.
#[derive(Debug)]
pub struct Report {
    /// The folder.
    pub dir: PathBuf,
    /// The files, in the order of [`Part::ALL`].
    pub files: Vec<FileReport>,
    /// The published set that all four are, if they are one.
    pub set: Option<Set>,
    /// Why the folder cannot be used as it is: the first failure of a file, or counts that do not belong together.
    pub failure: Option<Error>,
}

impl Report {
    /// Whether a network can be trained on it.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.failure.is_none()
    }

    /// Bytes on disk.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.files.iter().map(|file| file.len).sum()
    }

    /// Whether none of the four files is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.iter().all(|file| matches!(file.verdict, Verdict::Missing))
    }

    /// Images to learn from and images to be judged on.
    #[must_use]
    pub fn sizes(&self) -> (usize, usize) {
        (self.files[0].count, self.files[2].count)
    }
}

/// Reads the four files of `dir` to their ends and reports on each.
///
/// `hint`: the set that the folder is meant to hold; it is what the help offers to download.
#[must_use]
pub fn verify(dir: &Path, hint: Option<Set>) -> Report {
    let hint = hint.or_else(|| folder_name(dir).parse().ok()).unwrap_or(Set::Mnist);
    let read: Vec<(Part, Read)> = std::thread::scope(|scope| {
        let threads = Part::ALL.map(|part| (part, scope.spawn(move || read(dir, part))));
        threads
            .map(|(part, thread)| (part, thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))))
            .into()
    });

    let whole: Vec<Digests> = read.iter().filter_map(|(_, read)| Some(read.as_ref().ok()?.as_ref()?.1)).collect();
    let identity = <&[Digests; 4]>::try_from(&whole[..]).map_or(Identity::Own, identify);
    let families: Vec<Set> =
        read.iter().filter_map(|(part, read)| known_set(*part, &read.as_ref().ok()?.as_ref()?.1)).collect();

    let files: Vec<FileReport> = read
        .into_iter()
        .map(|(part, read)| {
            let mut report = FileReport {
                part,
                path: dir.join(part.file_name()),
                len: 0,
                count: 0,
                sha256: None,
                verdict: Verdict::Missing,
            };
            match read {
                Ok(Some((file, digests))) => {
                    let differs = families.iter().copied().find(|set| set.matches(part, &digests) == Some(false));
                    report.verdict = match (known_set(part, &digests), differs) {
                        (Some(set), _) => Verdict::Known(set),
                        (None, Some(set)) => Verdict::Differs(set),
                        (None, None) => Verdict::WellFormed,
                    };
                    report.sha256 = Some(to_hex(&digests.content));
                    (report.path, report.len, report.count) = (file.path, file.len, file.count);
                }
                Ok(None) => {}
                Err(error) => {
                    report.path = error.path().map_or(report.path, Path::to_owned);
                    report.verdict = Verdict::Damaged(error);
                }
            }
            report
        })
        .collect();
    let failure = failure(dir, &files).map(|error| error.help(fetch_help(hint, dir)));
    let set = if let Identity::Whole(set) = identity { Some(set) } else { None };
    Report { dir: dir.to_owned(), files, set, failure }
}

/// The published set that a file belongs to, by its digest.
fn known_set(part: Part, digests: &Digests) -> Option<Set> {
    Set::ALL.into_iter().find(|set| set.matches(part, digests) == Some(true))
}

/// The file of `part` and what it hashes to, read to its end.
fn read(dir: &Path, part: Part) -> Read {
    let Some(file) = IdxFile::find(dir, part)? else { return Ok(None) };
    let digests = file.stream(|_| ())?;
    Ok(Some((file, digests)))
}

fn failure(dir: &Path, files: &[FileReport]) -> Option<Error> {
    for file in files {
        match &file.verdict {
            Verdict::Known(_) | Verdict::WellFormed => {}
            Verdict::Damaged(error) => return Some(error.clone()),
            Verdict::Missing => {
                return Some(Error::new(Kind::Data, format!("{} is missing", file.part.file_name())).at(dir));
            }
            Verdict::Differs(set) => {
                let sum = file.sha256.as_deref().unwrap_or_default();
                return Some(
                    Error::new(Kind::Data, format!("the content is not {set}'s, as its neighbours' is: SHA-256 {sum}"))
                        .at(&file.path),
                );
            }
        }
    }
    [[0, 1], [2, 3]]
        .into_iter()
        .map(|pair| pair.map(|i| files[i].count))
        .find(|[images, labels]| images != labels)
        .map(|[images, labels]| Error::new(Kind::Data, format!("{images} images, but {labels} labels")).at(dir))
}

/// A set that can be trained on, or that would be if it were whole.
#[derive(Debug)]
pub struct Entry {
    /// What to give to `--data`: `builtin`, `mnist`, …
    pub name: &'static str,
    /// Its folder and the state of its files; `None` for the built-in digits, which have no files.
    pub report: Option<Report>,
    /// Images to learn from and images to be judged on.
    pub sizes: (usize, usize),
    /// Whether this is where `--data NAME` finds it: the first place of its name that holds any file.
    pub first: bool,
}

/// The built-in digits, and each place of `places` that holds any of the four files, all read and verified.
#[must_use]
pub fn catalog(places: &Places) -> Vec<Entry> {
    let sizes = (builtin::TRAIN_SIZE, builtin::TEST_SIZE);
    let mut entries = vec![Entry { name: "builtin", report: None, sizes, first: true }];
    for set in Set::ALL {
        let mut first = true;
        for dir in places.of(set) {
            let report = verify(&dir, Some(set));
            if !report.is_empty() {
                entries.push(Entry { name: set.name(), sizes: report.sizes(), report: Some(report), first });
                first = false;
            }
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::data::testing::{idx_bytes, real_mnist, write_set};

    #[test]
    fn reports_on_each_file() {
        let dir = tempfile::tempdir().unwrap();
        assert!(verify(dir.path(), None).is_empty());
        write_set(dir.path(), 30, 10);
        let report = verify(dir.path(), None);
        assert!(report.is_usable(), "{:?}", report.failure);
        assert_eq!((report.sizes(), report.set), ((30, 10), None));
        assert_eq!(report.len(), 16 + 30 * 784 + 8 + 30 + 16 + 10 * 784 + 8 + 10);
        // printf '\0\0\x08\x01\0\0\0\x0a\0\1\2\3\4\5\6\7\x8\x9' | sha256sum
        let sum = "7fb941263a85687d080a3ba53d246dc51e2cd63316f98fbb8ecdbb54ef081e6c";
        assert_eq!(report.files[3].sha256.as_deref(), Some(sum));

        let labels = dir.path().join(Part::TestLabels.file_name());
        fs::write(&labels, idx_bytes(Part::TestLabels, 9)).unwrap();
        assert!(verify(dir.path(), None).failure.unwrap().to_string().contains("10 images, but 9 labels"));
        fs::write(&labels, [0; 9]).unwrap();
        let report = verify(dir.path(), Some(Set::Kmnist));
        assert!(matches!(report.files[3].verdict, Verdict::Damaged(_)));
        assert!(report.failure.unwrap().remedy().unwrap().contains("data fetch kmnist"));
        fs::remove_file(&labels).unwrap();
        let report = verify(dir.path(), None);
        assert!(matches!(report.files[3].verdict, Verdict::Missing));
        assert!(!report.is_usable() && !report.is_empty());
    }

    #[test]
    fn real_mnist_is_known_file_by_file() {
        let Some(real) = real_mnist() else { return };
        let report = verify(&real, None);
        assert_eq!(report.set, Some(Set::Mnist));
        assert!(report.files.iter().all(|file| matches!(file.verdict, Verdict::Known(Set::Mnist))));

        let dir = tempfile::tempdir().unwrap();
        for file in &report.files {
            fs::copy(&file.path, dir.path().join(file.path.file_name().unwrap())).unwrap();
        }
        let labels = idx_bytes(Part::TestLabels, 10_000);
        fs::write(dir.path().join(Part::TestLabels.file_name()), labels).unwrap();
        let report = verify(dir.path(), None);
        assert!(matches!(report.files[3].verdict, Verdict::Differs(Set::Mnist)), "{:?}", report.files[3]);
        assert_eq!(report.failure.unwrap().path(), Some(report.files[3].path.as_path()));
    }

    #[test]
    fn lists_what_is_found_and_where() {
        let root = tempfile::tempdir().unwrap();
        let places = Places { mnist: None, current: root.path().join("work"), user: Some(root.path().join("user")) };
        assert_eq!(catalog(&places).len(), 1);
        write_set(&root.path().join("work/data/fashion-mnist"), 20, 10);
        write_set(&root.path().join("work/data"), 21, 10);
        write_set(&root.path().join("user/weightscope/mnist"), 22, 10);
        let found: Vec<_> = catalog(&places).iter().map(|entry| (entry.name, entry.sizes.0, entry.first)).collect();
        assert_eq!(
            found,
            [("builtin", 60_000, true), ("mnist", 21, true), ("mnist", 22, false), ("fashion-mnist", 20, true)]
        );
    }
}
