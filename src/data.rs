//! Datasets: images of 28x28 bytes with a label from 0 to 9, in a training and a test split.
//!
//! This room knows files, bytes and drawn strokes. It does not know networks.

pub mod builtin;
pub mod dataset;
pub mod mnist;
pub mod source;

pub use dataset::{CLASSES, Dataset, PIXELS, SIDE, Split};
pub use source::Source;
