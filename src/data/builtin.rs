//! The built-in digits: handwriting-like strokes drawn from a seed, for machines without data and without a network.
//!
//! Each digit has several natural forms (`forms`, lines of points drawn for this program). A writer picks one and
//! bends it (`hand`); a pen draws it in black and white (`pen`), and the page is scanned, scaled and placed as MNIST's
//! were (`scan`). Nothing of MNIST is inside; how much the hands differ was tuned until its training images looked alike.
//!
//! Digit number `i` of a split depends on the seed, the split and `i` alone, so any part can be drawn at any time, in
//! any order, on any number of threads. All arithmetic is that of IEEE 754 and of the `libm` crate: the same seed
//! gives the same bytes on every machine.

mod chance;
mod form;
mod forms;
mod hand;
mod pen;
mod scan;

use crate::data::builtin::chance::Chance;
use crate::data::builtin::hand::Writer;
use crate::data::dataset::{CLASSES, Dataset, PIXELS, Split, digit_names};

/// What the set is called on screen.
pub const NAME: &str = "built-in digits";
/// Digits in the training split.
pub const TRAIN_SIZE: usize = 60_000;
/// Digits in the test split.
pub const TEST_SIZE: usize = 10_000;

/// One page in so many is dirty.
const DIRTY: u32 = 36;

/// One of the two splits; no writer has a hand in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// What the network learns from.
    Train,
    /// What it is judged on.
    Test,
}

impl Which {
    /// Number of digits.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::Train => TRAIN_SIZE,
            Self::Test => TEST_SIZE,
        }
    }

    /// Number of writers.
    fn writers(self) -> u32 {
        match self {
            Self::Train => 6_000,
            Self::Test => 1_000,
        }
    }

    /// Streams of random numbers start here: first those of the writers, then those of the digits.
    fn first_stream(self) -> u64 {
        match self {
            Self::Train => 0,
            Self::Test => 1 << 40,
        }
    }
}

/// All the digits of a seed; draws them when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// Another seed, other writers and other digits.
    pub seed: u64,
}

impl Default for Builtin {
    /// The set that `--data builtin` means; fixed, so that a recorded network finds its data again.
    fn default() -> Self {
        Self { seed: 1 }
    }
}

impl Builtin {
    /// Draws digit number `index` of a split: its pixels and its label.
    #[must_use]
    pub fn digit(self, which: Which, index: usize) -> ([u8; PIXELS], u8) {
        let mut chance = self.chance(which, index);
        let label = chance.below(CLASSES as u32);
        let writer = u64::from(chance.below(which.writers()));
        let writer = Writer::new(&mut Chance::new(self.seed, which.first_stream() + writer));
        let drawing = writer.draw(label as usize, &mut chance);
        let mut page = pen::ink(&drawing, &mut chance);
        if chance.below(DIRTY) == 0 {
            page.soil(&mut chance);
        }
        (page.scan(), label as u8)
    }

    /// The label of digit number `index` of a split.
    #[must_use]
    pub fn label(self, which: Which, index: usize) -> u8 {
        self.chance(which, index).below(CLASSES as u32) as u8
    }

    fn chance(self, which: Which, index: usize) -> Chance {
        Chance::new(self.seed, which.first_stream() + (1 << 32) + index as u64)
    }

    /// The first `n` digits of a split; each is drawn when it is first looked at.
    #[must_use]
    pub fn split(self, which: Which, n: usize) -> Split {
        Split::drawn((0..n).map(|i| self.label(which, i)).collect(), move |i| self.digit(which, i).0)
    }

    /// Both splits; their digits are drawn in the background.
    #[must_use]
    pub fn dataset(self) -> Dataset {
        let [train, test] = [Which::Train, Which::Test].map(|which| self.split(which, which.size()));
        train.draw_ahead();
        test.draw_ahead();
        Dataset { name: NAME.to_owned(), train, test, class_names: digit_names() }
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::data::builtin::forms::FORMS;
    use crate::data::dataset::SIDE;
    use crate::data::known::to_hex;

    fn threads(n: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
        let digits = Builtin::default();
        let split = digits.split(Which::Train, 2000);
        let (image, label) = digits.digit(Which::Train, 1234);
        assert_eq!((split.image(1234), split.labels()[1234]), (&image[..], label));
        let drawn_by_many = digits.split(Which::Train, 2000);
        threads(3)
            .install(|| (0..2000).into_par_iter().rev().for_each(|i| assert_eq!(drawn_by_many.image(i).len(), PIXELS)));
        assert_eq!(split, drawn_by_many);
        assert_ne!(Builtin { seed: 2 }.split(Which::Train, 2000), split);
        assert_ne!(digits.split(Which::Test, 2000), split);
    }

    /// All digits of a seed, images of training and test and then their labels, drawn by so many threads.
    fn digest(digits: Builtin, n_threads: usize) -> String {
        let splits = [Which::Train, Which::Test].map(|which| digits.split(which, which.size()));
        threads(n_threads).install(|| {
            for split in &splits {
                // From the end, so that the order in which they are drawn is another one than that of the sum.
                (0..split.len()).into_par_iter().rev().for_each(|i| assert_eq!(split.image(i).len(), PIXELS));
            }
        });
        let images = splits.iter().flat_map(Split::images).fold(Sha256::new(), Sha256::chain_update);
        let all = splits.iter().map(Split::labels).fold(images, Sha256::chain_update);
        to_hex(&all.finalize().into())
    }

    #[test]
    fn all_70_000_are_the_same_bytes_on_every_machine_and_any_number_of_threads() {
        // Of the default seed; a change of any form, spread or line of the renderer changes it, on purpose or not.
        let expected = "591d3a2ed625bd24b6bc7673c828c15d9a13aff125d378375f314b3ba6e828fe";
        for n_threads in [1, 2] {
            assert_eq!(digest(Builtin::default(), n_threads), expected, "{n_threads} threads");
        }
    }

    #[test]
    fn forms_are_drawn_as_they_should() {
        let counts = FORMS.map(<[_]>::len);
        assert_eq!(counts, [4, 4, 12, 8, 6, 7, 8, 6, 9, 12]);
        for form in FORMS.iter().copied().flatten() {
            let points: usize = form.strokes.iter().map(|stroke| stroke.len()).sum();
            assert!(form.strokes.iter().all(|stroke| stroke.len() >= 2));
            assert!(form.knobs.iter().flat_map(|knob| knob.moves).all(|&(number, ..)| number < points));
            let heights = form.strokes.iter().copied().flatten().map(|point| point.y);
            let (low, high) = heights.fold((1.0_f32, 0.0_f32), |(low, high), y| (low.min(y), high.max(y)));
            assert!(low >= -0.01 && high <= 1.01 && high - low > 0.9, "{low} to {high}");
        }
    }

    #[test]
    fn digits_are_placed_as_in_mnist() {
        let split = Builtin::default().split(Which::Train, 3000);
        let mut of_each = [0; CLASSES];
        let mut ink = 0.0;
        let mut off = 0;
        for (i, &label) in split.labels().iter().enumerate() {
            of_each[usize::from(label)] += 1;
            let image = split.image(i);
            let inked: Vec<(f64, f64, f64)> = image
                .iter()
                .enumerate()
                .filter(|&(_, &p)| p > 0)
                .map(|(at, &p)| ((at % SIDE) as f64, (at / SIDE) as f64, f64::from(p)))
                .collect();
            let mass: f64 = inked.iter().map(|p| p.2).sum();
            ink += mass;
            let centre = (
                inked.iter().map(|p| p.0 * p.2).sum::<f64>() / mass + 0.5,
                inked.iter().map(|p| p.1 * p.2).sum::<f64>() / mass + 0.5,
            );
            // From 14 to 15, as in MNIST, unless the box would leave the image.
            off += u32::from([centre.0, centre.1].iter().any(|at| !(14.0..=15.0).contains(at)));
            let extent = |at: fn(&(f64, f64, f64)) -> f64| {
                let (low, high) = inked.iter().map(at).fold((99.0_f64, 0.0_f64), |(l, h), v| (l.min(v), h.max(v)));
                high - low + 1.0
            };
            let (width, height) = (extent(|p| p.0), extent(|p| p.1));
            assert!((width.max(height) - 20.0).abs() < 1e-9, "digit {i}: {width}x{height}");
        }
        assert!(of_each.iter().all(|n| (230..370).contains(n)), "{of_each:?}");
        assert!(off < 30, "{off} of 3000 are not centred");
        // MNIST's mean is 0.1307 of full ink.
        let mean = ink / (3000.0 * PIXELS as f64 * 255.0);
        assert!((0.12..0.14).contains(&mean), "{mean}");
    }
}
