//! The sets that weightscope knows by name: digests, class names, where to download them.

use std::fmt;
use std::str::FromStr;

use crate::data::dataset::CLASSES;
use crate::data::idx::file::Digests;
use crate::data::idx::{Digest, Part};
use crate::error::{Error, Kind, Result};

/// A published set of four IDX files, 60,000 images to learn from and 10,000 to be judged on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Handwritten digits (Yann Le Cun and others, 1998).
    Mnist,
    /// Clothes from an online shop (Xiao, Rasul, Vollgraf, 2017).
    FashionMnist,
    /// Cursive Japanese characters (Clanuwat and others, 2018).
    Kmnist,
}

/// Bytes of the four packed files of MNIST as they are usually published, in the order of [`Part::ALL`]; a mirror may have
/// packed them a little better or worse.
pub const MNIST_PACKED_LEN: [u64; 4] = [9_912_422, 28_881, 1_648_877, 4_542];

/// What a file of a known set must hash to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fingerprint {
    /// SHA-256 of the plain bytes, whatever packed them.
    Content(Digest),
    /// SHA-256 of the published .gz file; says nothing about a plain file.
    Packed(Digest),
}

impl Set {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mnist, Self::FashionMnist, Self::Kmnist];
    /// Images in the training split of each.
    pub const TRAIN_SIZE: usize = 60_000;
    /// Images in the test split of each.
    pub const TEST_SIZE: usize = 10_000;

    /// Its name on the command line and of its folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Kmnist => "kmnist",
        }
    }

    /// Length in bytes of the plain file of `part`.
    #[must_use]
    pub fn plain_len(self, part: Part) -> u64 {
        part.plain_len(match part {
            Part::TrainImages | Part::TrainLabels => Self::TRAIN_SIZE,
            Part::TestImages | Part::TestLabels => Self::TEST_SIZE,
        })
    }

    /// What to call each class.
    #[must_use]
    pub fn class_names(self) -> [String; CLASSES] {
        let names = match self {
            Self::Mnist => ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
            Self::FashionMnist => [
                "T-shirt/top",
                "Trouser",
                "Pullover",
                "Dress",
                "Coat",
                "Sandal",
                "Shirt",
                "Sneaker",
                "Bag",
                "Ankle boot",
            ],
            Self::Kmnist => ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
        };
        names.map(str::to_owned)
    }

    /// Folders on the web that hold its four .gz files, best first.
    #[must_use]
    pub fn mirrors(self) -> &'static [&'static str] {
        match self {
            Self::Mnist => &[
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
            ],
            Self::FashionMnist => &[
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            ],
            Self::Kmnist => {
                &["https://codh.rois.ac.jp/kmnist/dataset/kmnist/", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"]
            }
        }
    }

    /// What the file of `part` must hash to.
    ///
    /// For MNIST the content is known. For the other two the published sums are those of the .gz files: the list in
    /// Fashion-MNIST's and KMNIST's loaders of torchvision, TensorFlow Datasets and others.
    #[must_use]
    pub fn fingerprint(self, part: Part) -> Fingerprint {
        let hex = match (self, part) {
            (Self::Mnist, Part::TrainImages) => "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            (Self::Mnist, Part::TrainLabels) => "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            (Self::Mnist, Part::TestImages) => "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            (Self::Mnist, Part::TestLabels) => "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            (Self::FashionMnist, Part::TrainImages) => {
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
            }
            (Self::FashionMnist, Part::TrainLabels) => {
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
            }
            (Self::FashionMnist, Part::TestImages) => {
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
            }
            (Self::FashionMnist, Part::TestLabels) => {
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
            }
            (Self::Kmnist, Part::TrainImages) => "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            (Self::Kmnist, Part::TrainLabels) => "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            (Self::Kmnist, Part::TestImages) => "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            (Self::Kmnist, Part::TestLabels) => "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        };
        let digest = from_hex(hex);
        if self == Self::Mnist { Fingerprint::Content(digest) } else { Fingerprint::Packed(digest) }
    }

    /// Whether `digests` are those of this set's `part`; `None` where that cannot be told (a plain file of a set whose
    /// packed sums alone are known).
    #[must_use]
    pub fn matches(self, part: Part, digests: &Digests) -> Option<bool> {
        match self.fingerprint(part) {
            Fingerprint::Content(known) => Some(known == digests.content),
            Fingerprint::Packed(known) => digests.packed.map(|packed| known == packed),
        }
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Set {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|set| set.name() == name).ok_or_else(|| {
            Error::new(Kind::Usage, format!("no dataset `{name}`")).help("there are mnist, fashion-mnist and kmnist")
        })
    }
}

/// `digest` in lower-case hexadecimal digits.
#[must_use]
pub fn to_hex(digest: &Digest) -> String {
    digest.iter().fold(String::new(), |mut hex, byte| {
        for half in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(u32::from(half), 16).unwrap_or('?'));
        }
        hex
    })
}

/// The bytes of 64 lower-case hexadecimal digits; the table above is the only caller and a test reads it all.
fn from_hex(hex: &str) -> Digest {
    let digit = |c: u8| if c.is_ascii_digit() { c - b'0' } else { c - b'a' + 10 };
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0]) << 4 | digit(pair[1]);
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fingerprint_is_a_whole_sum_and_no_two_are_equal() {
        let mut all = Vec::new();
        for set in Set::ALL {
            for part in Part::ALL {
                let (Fingerprint::Content(digest) | Fingerprint::Packed(digest)) = set.fingerprint(part);
                assert_eq!(from_hex(&to_hex(&digest)), digest);
                assert!(digest[24..].iter().any(|&byte| byte != 0), "{set} {part:?} ends in digits");
                all.push(digest);
            }
        }
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 12);
    }

    #[test]
    fn names_are_read_back() {
        for set in Set::ALL {
            assert_eq!(set.name().parse::<Set>().unwrap(), set);
        }
        assert!("emnist".parse::<Set>().is_err());
    }
}
