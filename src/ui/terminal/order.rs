//! Which picture cells come first, where not all can be sent at once.

/// A picture cell that is wrong.
pub struct Wrong {
    /// Row by row.
    pub index: usize,
    /// Which picture it belongs to, counted from the top left.
    pub picture: u32,
    /// How far what is shown is off.
    pub error: f32,
    /// The same, and more the longer it waits.
    pub urgency: f32,
}

/// Orders wrong cells: pictures that are new as a whole one after the other, then the worst and longest waiting cells.
/// Says how many belong to new pictures.
pub fn first_things_first(wrong: &mut [Wrong]) -> usize {
    let pictures = wrong.iter().map(|cell| cell.picture as usize + 1).max().unwrap_or(0);
    let mut sums = vec![(0.0, 0.0); pictures];
    for cell in wrong.iter() {
        let (errors, cells) = &mut sums[cell.picture as usize];
        *errors += cell.error;
        *cells += 1.0;
    }
    let is_new = |cell: &Wrong| {
        let (errors, cells) = sums[cell.picture as usize];
        errors > 4.0 * cells
    };
    let new = wrong.iter().filter(|cell| is_new(cell)).count();
    wrong.sort_unstable_by(|a, b| match (is_new(a), is_new(b)) {
        (true, true) => (a.picture, a.index).cmp(&(b.picture, b.index)),
        (true, false) => std::cmp::Ordering::Less,
        (false, true) => std::cmp::Ordering::Greater,
        (false, false) => b.urgency.total_cmp(&a.urgency).then(a.index.cmp(&b.index)),
    });
    new
}

/// Tells pictures apart: cells that touch to the left or above belong together.
pub struct Labels {
    width: usize,
    /// Label of the cells of the row above and, up to where we are, of this one.
    row: Vec<Option<u32>>,
    next: u32,
}

impl Labels {
    /// At the top left of a screen so many cells wide.
    pub fn new(width: usize) -> Self {
        Self { width, row: vec![None; width], next: 0 }
    }

    /// The next cell is no picture.
    pub fn no_picture(&mut self, index: usize) {
        self.row[index % self.width] = None;
    }

    /// The next cell is one: the number of its picture.
    pub fn picture(&mut self, index: usize) -> u32 {
        let x = index % self.width;
        let left = if x > 0 { self.row[x - 1] } else { None };
        let label = left.or(self.row[x]).unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        self.row[x] = Some(label);
        label
    }
}
