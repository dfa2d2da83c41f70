//! `Dataset` and its two `Split`s, as bytes.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::thread;

/// Pixels along one side of an image.
pub const SIDE: usize = 28;
/// Pixels of an image, row by row from the top left.
pub const PIXELS: usize = SIDE * SIDE;
/// Number of classes.
pub const CLASSES: usize = 10;

/// Images and their labels, in file order.
#[derive(Clone)]
pub struct Split {
    images: Images,
    labels: Vec<u8>,
}

/// Where the pixels come from.
#[derive(Clone)]
enum Images {
    /// Read from a file, image after image.
    Read(Vec<u8>),
    /// Drawn when they are first looked at.
    Drawn(Arc<Drawn>),
}

struct Drawn {
    images: Vec<OnceLock<[u8; PIXELS]>>,
    draw: Box<dyn Fn(usize) -> [u8; PIXELS] + Send + Sync>,
}

impl Drawn {
    fn image(&self, index: usize) -> &[u8; PIXELS] {
        self.images[index].get_or_init(|| (self.draw)(index))
    }
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
        Self { images: Images::Read(images), labels }
    }

    /// A split whose image number `i` is `draw(i)`: drawn when it is first looked at, on the thread that looks, and by
    /// [`Split::draw_ahead`]. So the first batch need not wait for the rest.
    ///
    /// # Panics
    /// If a label is not below [`CLASSES`].
    #[must_use]
    pub fn drawn(labels: Vec<u8>, draw: impl Fn(usize) -> [u8; PIXELS] + Send + Sync + 'static) -> Self {
        assert!(labels.iter().all(|&l| usize::from(l) < CLASSES), "labels are below {CLASSES}");
        let images = labels.iter().map(|_| OnceLock::new()).collect();
        Self { images: Images::Drawn(Arc::new(Drawn { images, draw: Box::new(draw) })), labels }
    }

    /// Draws what is not drawn yet, on a thread in the background that ends early if nobody has the split any more.
    pub fn draw_ahead(&self) {
        let Images::Drawn(drawn) = &self.images else { return };
        let (drawn, n) = (Arc::downgrade(drawn), self.len());
        let work = move || {
            for index in 0..n {
                let Some(drawn) = drawn.upgrade() else { return };
                drawn.image(index);
            }
        };
        // Without the thread each image is drawn when it is needed.
        if let Err(error) = thread::Builder::new().name("draw".into()).spawn(work) {
            tracing::warn!("cannot start the thread that draws digits ahead: {error}");
        }
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

    /// The pixels of each image.
    #[must_use]
    pub fn images(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.image(index))
    }

    /// All labels, each below [`CLASSES`].
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The pixels of image `index`, 0 = no ink, 255 = full ink.
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        match &self.images {
            Images::Read(images) => &images[index * PIXELS..][..PIXELS],
            Images::Drawn(drawn) => drawn.image(index),
        }
    }
}

impl PartialEq for Split {
    fn eq(&self, other: &Self) -> bool {
        self.labels == other.labels && self.images().eq(other.images())
    }
}

impl Eq for Split {}

impl fmt::Debug for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Split of {} images", self.len())
    }
}

/// The names of classes that are digits.
#[must_use]
pub fn digit_names() -> [String; CLASSES] {
    std::array::from_fn(|digit| digit.to_string())
}
