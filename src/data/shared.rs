//! Where one thread leaves the dataset that it has read, for others to find.

use std::sync::{Arc, Mutex, PoisonError};

use super::Dataset;

/// The dataset, once it is there; a later one takes its place.
#[derive(Debug, Default)]
pub struct SharedDataset(Mutex<Option<Arc<Dataset>>>);

impl SharedDataset {
    /// Leaves `data` for the others.
    pub fn put(&self, data: Arc<Dataset>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(data);
    }

    /// The dataset, if it has been read.
    pub fn get(&self) -> Option<Arc<Dataset>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
