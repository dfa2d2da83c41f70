//! What is in a dataset, class by class: counts, mean images, and which images have ink where.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::data::{CLASSES, Dataset, PIXELS, SIDE, SharedDataset};
use crate::error::{Error, Kind, Result};
use crate::session::Latest;

/// A rectangle of pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its rows, counted from 0 at the top.
    pub rows: Range<usize>,
    /// Its columns, counted from 0 at the left.
    pub columns: Range<usize>,
}

/// The training split of a dataset, counted through: all of it, whatever part of it is trained on. Ink is a level above
/// 0.
pub struct Survey {
    data: Arc<Dataset>,
    /// The images of each class, in file order.
    images: Vec<Vec<u32>>,
    /// Images of each class that have ink at each pixel.
    inked: Vec<Vec<u32>>,
    /// Sum of the levels of each class at each pixel.
    sums: Vec<Vec<u64>>,
    /// Sum of all levels' squares.
    squares: u64,
    /// Where each image has ink: bit c of row r.
    ink: Vec<[u32; SIDE]>,
}

impl Survey {
    /// Counts the training images of `data` through. All sums are whole numbers, so they do not depend on an order.
    #[must_use]
    pub fn of(data: Arc<Dataset>) -> Self {
        let mut images = vec![Vec::new(); CLASSES];
        let mut inked = vec![vec![0u32; PIXELS]; CLASSES];
        let mut sums = vec![vec![0u64; PIXELS]; CLASSES];
        let mut squares = 0;
        let mut ink = Vec::with_capacity(data.train.len());
        for (i, (image, &label)) in data.train.images().zip(data.train.labels()).enumerate() {
            let class = usize::from(label);
            images[class].push(i as u32);
            for ((&level, inked), sum) in image.iter().zip(&mut inked[class]).zip(&mut sums[class]) {
                *inked += u32::from(level > 0);
                *sum += u64::from(level);
            }
            squares += image.iter().map(|&level| u64::from(level) * u64::from(level)).sum::<u64>();
            let mut rows = [0; SIDE];
            for (row, levels) in rows.iter_mut().zip(image.chunks_exact(SIDE)) {
                *row = levels.iter().rev().fold(0, |bits, &level| bits << 1 | u32::from(level > 0));
            }
            ink.push(rows);
        }
        Self { data, images, inked, sums, squares, ink }
    }

    /// Name of the dataset.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.data.name
    }

    /// What to call each class.
    #[must_use]
    pub fn class_names(&self) -> &[String] {
        &self.data.class_names
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ink.len()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ink.is_empty()
    }

    /// Images of a class.
    #[must_use]
    pub fn count(&self, class: usize) -> usize {
        self.images[class].len()
    }

    /// Mean of all pixels of all images, 1 = full ink.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sums.iter().flatten().sum::<u64>() as f64 / (self.n_levels() * 255.0)
    }

    /// Standard deviation of all pixels of all images (population), 1 = full ink.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        let square = self.squares as f64 / (self.n_levels() * 255.0 * 255.0);
        (square - self.mean() * self.mean()).max(0.0).sqrt()
    }

    /// Share of all pixels of all images that have ink.
    #[must_use]
    pub fn inked(&self) -> f64 {
        self.inked.iter().flatten().map(|&n| u64::from(n)).sum::<u64>() as f64 / self.n_levels()
    }

    /// Pixels that no image has ink at.
    #[must_use]
    pub fn never_inked(&self) -> usize {
        (0..PIXELS).filter(|&pixel| self.inked.iter().all(|class| class[pixel] == 0)).count()
    }

    fn n_levels(&self) -> f64 {
        (self.len() * PIXELS).max(1) as f64
    }

    /// Mean image of a class, pixel by pixel, 1 = full ink; zero for a class without images.
    #[must_use]
    pub fn mean_image(&self, class: usize) -> Vec<f64> {
        let n = self.count(class).max(1) as f64 * 255.0;
        self.sums[class].iter().map(|&sum| sum as f64 / n).collect()
    }

    /// How many images of a class, or of all, have ink at each pixel.
    #[must_use]
    pub fn ink(&self, class: Option<usize>) -> Vec<u32> {
        match class {
            Some(class) => self.inked[class].clone(),
            None => (0..PIXELS).map(|pixel| self.inked.iter().map(|class| class[pixel]).sum()).collect(),
        }
    }

    /// How many images of each class have ink somewhere in `region`.
    #[must_use]
    pub fn who_inks(&self, region: &Region) -> [usize; CLASSES] {
        let mask = region.columns.clone().filter(|&column| column < SIDE).fold(0u32, |mask, column| mask | 1 << column);
        let rows = region.rows.start.min(SIDE)..region.rows.end.min(SIDE);
        let mut who = [0; CLASSES];
        for (image, &label) in self.ink.iter().zip(self.data.train.labels()) {
            let bits = image[rows.clone()].iter().fold(0, |bits, row| bits | row);
            who[usize::from(label)] += usize::from(bits & mask != 0);
        }
        who
    }

    /// Image number `rank` of a class, from 0, in file order: its number in the split, and its pixels.
    #[must_use]
    pub fn image(&self, class: usize, rank: usize) -> Option<(usize, &[u8])> {
        let number = *self.images.get(class)?.get(rank)? as usize;
        Some((number, self.data.train.image(number)))
    }

    /// Class of image `number` of the split, and which one of its class it is, from 0.
    #[must_use]
    pub fn place_of(&self, number: usize) -> Option<(usize, usize)> {
        let class = usize::from(*self.data.train.labels().get(number)?);
        let rank = self.images[class].partition_point(|&other| (other as usize) < number);
        Some((class, rank))
    }
}

impl fmt::Debug for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Survey of {} images", self.len())
    }
}

/// How often to look whether the data has been read.
const A_WHILE: Duration = Duration::from_millis(20);

/// The thread `survey`: counts the data through when it is first asked to, and publishes the result. Ends when dropped.
pub struct Surveyor {
    wishes: Sender<()>,
    thread: JoinHandle<()>,
}

impl Surveyor {
    /// Starts the thread, which finds the data in `data` and publishes to `out`.
    ///
    /// # Errors
    /// [`Kind::Bug`] if it cannot be started.
    pub fn spawn(data: Arc<SharedDataset>, out: Arc<Latest<Survey>>) -> Result<Self> {
        let (wishes, inbox) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("survey".into())
            .spawn(move || work(&inbox, &data, &out))
            .map_err(|error| Error::new(Kind::Bug, format!("cannot start the thread that counts the data: {error}")))?;
        Ok(Self { wishes, thread })
    }

    /// Asks for the survey of the data, as soon as that has been read.
    pub fn ask(&self) {
        // A thread that has ended is met by `end`.
        let _ = self.wishes.send(());
    }

    /// Ends the thread.
    ///
    /// # Errors
    /// [`Kind::Bug`] if it has panicked.
    pub fn end(self) -> Result<()> {
        drop(self.wishes);
        self.thread.join().map_err(|_| Error::new(Kind::Bug, "the thread that counts the data panicked"))
    }
}

fn work(wishes: &Receiver<()>, data: &SharedDataset, out: &Latest<Survey>) {
    let mut counted = None;
    while wishes.recv().is_ok() {
        let data = loop {
            match data.get() {
                Some(data) => break data,
                None => match wishes.recv_timeout(A_WHILE) {
                    Err(RecvTimeoutError::Disconnected) => return,
                    Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                },
            }
        };
        if counted.as_ref().is_none_or(|counted| !Arc::ptr_eq(counted, &data)) {
            out.publish(Survey::of(Arc::clone(&data)));
            counted = Some(data);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::dataset::digit_names;
    use crate::data::source::{Places, Source, locate};
    use crate::lens::fixture::split;

    fn region(rows: Range<usize>, columns: Range<usize>) -> Region {
        Region { rows, columns }
    }

    fn survey() -> Survey {
        let class_names = digit_names();
        Survey::of(Arc::new(Dataset { name: "some".into(), train: split(500, 3), test: split(10, 7), class_names }))
    }

    // x, y = split(500, 3)  # of lens::fixture
    // b = x.reshape(-1, 28, 28) > 0
    // print(np.bincount(y), (x / 255).mean(), (x / 255).std(), b.mean(), (b.sum(0) == 0).sum())
    // print([b[y == 4].sum(0)[10, 11], b.sum(0)[10, 11]], (x[y == 4] / 255).mean(0)[10 * 28 + 11])
    // for r in (b[:, 10, 11], b[:, 3:4].any((1, 2)), b[:, 4:6, 5:7].any((1, 2)), b[:, 26:28].any((1, 2))):
    //     print([int(r[y == c].sum()) for c in range(10)])
    #[test]
    fn counts_are_numpys() {
        let survey = survey();
        assert_eq!(
            (0..CLASSES).map(|class| survey.count(class)).collect::<Vec<_>>(),
            [46, 45, 45, 46, 91, 45, 46, 46, 45, 45]
        );
        for (value, want) in [
            (survey.mean(), 0.155_598_639_455_782_3),
            (survey.sigma(), 0.282_282_877_811_859_1),
            (survey.inked(), 0.310_209_183_673_469_4),
            (survey.mean_image(4)[10 * SIDE + 11], 0.239_043_309_631_544_94),
        ] {
            assert!((value - want).abs() < 1e-12, "{value}, wanted {want}");
        }
        assert_eq!(survey.never_inked(), 300);
        let at = 10 * SIDE + 11;
        assert_eq!((survey.ink(Some(4))[at], survey.ink(None)[at]), (42, 251));
        assert_eq!(survey.who_inks(&region(10..11, 11..12)), [25, 29, 20, 29, 42, 19, 20, 23, 24, 20]);
        assert_eq!(survey.who_inks(&region(3..4, 0..28)), [46, 45, 45, 46, 91, 45, 46, 46, 45, 45]);
        assert_eq!(survey.who_inks(&region(4..6, 5..7)), [44, 40, 43, 42, 86, 43, 42, 43, 42, 41]);
        assert_eq!(survey.who_inks(&region(26..28, 0..28)), [0; CLASSES], "a margin without ink");
        assert_eq!(survey.who_inks(&region(26..40, 20..90)), [0; CLASSES], "beyond the picture there is nothing");
    }

    #[test]
    fn images_are_found_by_class_and_by_number() {
        let survey = survey();
        for class in 0..CLASSES {
            for rank in 0..survey.count(class) {
                let (number, image) = survey.image(class, rank).unwrap();
                assert_eq!(survey.place_of(number), Some((class, rank)));
                assert_eq!(image, survey.data.train.image(number));
            }
            assert_eq!(survey.image(class, survey.count(class)), None);
        }
        assert_eq!(survey.place_of(500), None);
    }

    // x, y = MNIST's training split; b = x > 0
    // print((x / 255).mean(), (x / 255).std(), (b.sum(0) == 0).sum(), b.mean(), np.bincount(y))
    // a = np.bincount(y[b[:, 26:28].any((1, 2))], minlength=10); print(a, (100 * a / a.sum()).round(1))
    #[test]
    fn on_mnist_the_bottom_edge_belongs_to_7_and_9() {
        if crate::data::testing::real_mnist().is_none() {
            return;
        }
        let data = locate(&Source::Mnist, &Places::of_process()).unwrap().load().unwrap();
        let survey = Survey::of(Arc::new(data));
        assert!((survey.mean() - 0.130_660_476_273_842_87).abs() < 1e-12);
        assert!((survey.sigma() - 0.308_107_803_856_462_64).abs() < 1e-12);
        assert!((survey.inked() - 0.191_202_295_918_367_35).abs() < 1e-12);
        assert_eq!(survey.never_inked(), 67);
        let counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
        assert_eq!((0..CLASSES).map(|class| survey.count(class)).collect::<Vec<_>>(), counts);
        let who = survey.who_inks(&region(26..28, 0..28));
        let all: usize = who.iter().sum();
        let tenths = who.map(|n| (1000.0 * n as f64 / all as f64).round() as usize);
        assert_eq!(tenths, [0, 0, 0, 5, 9, 10, 0, 666, 2, 308], "tenths of a percent");
    }

    #[test]
    fn the_survey_is_made_when_asked_for_and_when_the_data_is_there() {
        let (woken, wakes) = mpsc::channel();
        let out = Arc::new(Latest::new(move || {
            let _ = woken.send(());
        }));
        let shared = Arc::new(SharedDataset::default());
        let surveyor = Surveyor::spawn(Arc::clone(&shared), Arc::clone(&out)).unwrap();
        surveyor.ask();
        shared.put(Arc::clone(&survey().data));
        wakes.recv_timeout(Duration::from_secs(20)).expect("a survey");
        assert_eq!(out.get().unwrap().len(), 500);
        // Of the same data there is nothing new to say.
        surveyor.ask();
        surveyor.end().unwrap();
        assert!(wakes.try_recv().is_err());
        // Nobody waits for data that never comes.
        let waiting = Surveyor::spawn(Arc::default(), out).unwrap();
        waiting.ask();
        waiting.end().unwrap();
    }
}
