//! The images that lenses and numbers rest on.

use std::sync::{Arc, OnceLock};

use super::reactions::BLOCK;
use super::sight::Over;
use super::statistics::Statistics;
use crate::data::{CLASSES, Dataset, Split};

/// While the network trains, so many test images stand for all.
pub const SAMPLE: usize = 1000;

/// A dataset as lenses see it.
pub struct HeldOut {
    /// Where the images are.
    pub data: Arc<Dataset>,
    /// [`SAMPLE`] test images.
    pub some: Sample,
    /// All test images.
    pub all: Sample,
    statistics: OnceLock<Statistics>,
}

impl HeldOut {
    /// The images of `data`.
    #[must_use]
    pub fn new(data: Arc<Dataset>) -> Self {
        Self {
            some: Sample::new(&data.test, SAMPLE),
            all: Sample::new(&data.test, usize::MAX),
            statistics: OnceLock::new(),
            data,
        }
    }

    /// The statistics of the training split, computed when they are first asked for.
    pub fn statistics(&self) -> &Statistics {
        self.statistics.get_or_init(|| Statistics::of(&self.data.train))
    }

    /// All test images, or the sample.
    #[must_use]
    pub fn sample(&self, all: bool) -> &Sample {
        if all { &self.all } else { &self.some }
    }
}

/// Images of a split by their places, class by class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    images: Vec<Vec<usize>>,
}

impl Sample {
    /// `most` images of `split`, evenly spread over it, or all if there are no more.
    #[must_use]
    pub fn new(split: &Split, most: usize) -> Self {
        let n = most.min(split.len());
        let mut images = vec![Vec::new(); CLASSES];
        for i in (0..n).map(|i| i * split.len() / n) {
            images[usize::from(split.labels()[i])].push(i);
        }
        Self { images }
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.images.iter().map(Vec::len).sum()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The images of one class.
    #[must_use]
    pub fn class(&self, class: usize) -> &[usize] {
        self.images.get(class).map_or(&[], Vec::as_slice)
    }

    /// Those images that `over` names, [`BLOCK`] at a time at most; a block holds images of one class.
    pub fn blocks(&self, over: Over) -> impl Iterator<Item = &[usize]> {
        let wanted = move |class: &usize| !matches!(over, Over::Class(c) if usize::from(c) != *class);
        (0..CLASSES).filter(wanted).flat_map(|class| self.images[class].chunks(BLOCK))
    }
}
