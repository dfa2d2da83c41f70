//! Datasets: images of 28x28 bytes with a label from 0 to 9, in a training and a test split.
//!
//! This room knows files, bytes and drawn strokes. It does not know networks.
//!
//! [`source::locate`] finds what the user asked for, [`source::Located::load`] verifies and reads it. [`catalog()`] lists
//! what there is, [`verify`] reports on one folder, [`fetch()`] downloads a published set.

pub mod builtin;
pub mod catalog;
pub mod dataset;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod idx;
pub mod known;
pub mod mnist;
pub mod shared;
pub mod source;
#[cfg(test)]
pub(crate) mod testing;

pub use catalog::{catalog, verify};
pub use dataset::{CLASSES, Dataset, PIXELS, SIDE, Split};
#[cfg(feature = "fetch")]
pub use fetch::fetch;
pub use shared::SharedDataset;
pub use source::Source;
