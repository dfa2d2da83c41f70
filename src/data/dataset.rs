//! `Dataset` and its two `Split`s, as bytes.

/// Pixels along one side of an image.
pub const SIDE: usize = 28;
/// Pixels of an image, row by row from the top left.
pub const PIXELS: usize = SIDE * SIDE;
/// Number of classes.
pub const CLASSES: usize = 10;

/// Images and their labels, in file order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    images: Vec<u8>,
    labels: Vec<u8>,
}

/// A training and a test split, and where they came from.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Short name as shown in the header: `mnist`, `built-in digits`, a folder's name.
    pub name: String,
    /// What the network learns from.
    pub train: Split,
    /// What it is judged on; never trained on.
    pub test: Split,
    /// What to call each class on screen: the digit, or the name that the set has for it.
    pub class_names: [String; CLASSES],
}

impl Split {
    /// A split of `labels.len()` images of [`PIXELS`] bytes each.
    ///
    /// # Panics
    /// If the lengths do not belong together or a label is not below [`CLASSES`]; readers check both beforehand.
    #[must_use]
    pub fn new(images: Vec<u8>, labels: Vec<u8>) -> Self {
        assert_eq!(images.len(), labels.len() * PIXELS, "{PIXELS} bytes an image");
        assert!(labels.iter().all(|&l| usize::from(l) < CLASSES), "labels are below {CLASSES}");
        Self { images, labels }
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// All pixels, image after image.
    #[must_use]
    pub fn images(&self) -> &[u8] {
        &self.images
    }

    /// All labels, each below [`CLASSES`].
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The pixels of image `index`, 0 = no ink, 255 = full ink.
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        &self.images[index * PIXELS..][..PIXELS]
    }
}

/// The names of classes that are digits.
#[must_use]
pub fn digit_names() -> [String; CLASSES] {
    std::array::from_fn(|digit| digit.to_string())
}
