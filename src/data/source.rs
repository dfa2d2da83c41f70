//! Where data comes from: what the user asked for, and where it is found.

use std::path::PathBuf;

/// What `--data` names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Source {
    /// MNIST where it is found, else the built-in digits.
    #[default]
    Auto,
    /// The digits that weightscope draws itself.
    Builtin,
    /// MNIST from its known places.
    Mnist,
    /// Fashion-MNIST from its known places.
    FashionMnist,
    /// Kuzushiji-MNIST from its known places.
    Kmnist,
    /// A folder with the four IDX files.
    Folder(PathBuf),
}
