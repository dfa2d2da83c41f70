//! Datasets: images of 28x28 bytes with a label from 0 to 9, in a training and a test split.
//!
//! This room knows files, bytes and drawn strokes. It does not know networks.
//!
//! [`source::locate`] finds what the user asked for, [`source::Located::load`] verifies and reads it.

pub mod builtin;
pub mod dataset;
pub mod idx;
pub mod known;
pub mod mnist;
pub mod source;
#[cfg(test)]
pub(crate) mod testing;

pub use dataset::{CLASSES, Dataset, PIXELS, SIDE, Split};
pub use source::Source;
