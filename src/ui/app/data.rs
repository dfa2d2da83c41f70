//! The tab that shows the data: which class, which of its images, and which pixels.

use std::fmt;
use std::sync::Arc;

use super::{App, Panes, next};
use crate::lens::Survey;
use crate::lens::survey::Region;
use crate::ui::keys::Action;

/// Pixels along one side of an image.
const SIDE: usize = 28;

/// Rows that a page of pixels has.
const LEAP: isize = 7;

/// What a tab shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// What the network learns from.
    Data,
    /// A layer by its index.
    Layer(usize),
}

/// What is looked at on the data's tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataView {
    /// Whether the tab is open.
    pub open: bool,
    /// The class under the cursor.
    pub class: usize,
    /// Of each class, the image that the page of samples shows for certain.
    pub ranks: Vec<usize>,
    /// Whether the keys move the cursor over the pixels, not the one over the classes.
    pub on_pixels: bool,
    /// Row and column of the pixel under the cursor.
    pub pixel: (usize, usize),
    /// How much around that pixel is asked about.
    pub reach: Reach,
    /// Whether the ink map is of the class under the cursor alone.
    pub of_class: bool,
    /// How counts become greys.
    pub tone: Tone,
}

/// How much is asked about, around or beside the pixel under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// The pixel.
    #[default]
    Pixel,
    /// 3x3 pixels.
    Patch,
    /// 7x7 pixels.
    LargePatch,
    /// Its row.
    Row,
    /// Its row and the next one.
    Rows,
    /// Its column.
    Column,
    /// Its column and the next one.
    Columns,
}

/// How the ink map becomes grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// In proportion to the number of images.
    #[default]
    Even,
    /// In proportion to its logarithm, so that a single image shows.
    Logarithmic,
}

impl Reach {
    /// All, in the order in which keys go through them.
    pub const ALL: [Self; 7] =
        [Self::Pixel, Self::Patch, Self::LargePatch, Self::Row, Self::Rows, Self::Column, Self::Columns];

    /// The pixels that are asked about with the cursor at `row`, `column`; within the picture, and at its edge as large
    /// as elsewhere.
    #[must_use]
    pub fn region(self, (row, column): (usize, usize)) -> Region {
        let all = 0..SIDE;
        let around = |at: usize, reach: usize| {
            let start = at.saturating_sub(reach).min(SIDE - 2 * reach - 1);
            start..start + 2 * reach + 1
        };
        let pair = |at: usize| at.min(SIDE - 2)..at.min(SIDE - 2) + 2;
        let (rows, columns) = match self {
            Self::Pixel => (around(row, 0), around(column, 0)),
            Self::Patch => (around(row, 1), around(column, 1)),
            Self::LargePatch => (around(row, 3), around(column, 3)),
            Self::Row => (around(row, 0), all),
            Self::Rows => (pair(row), all),
            Self::Column => (all, around(column, 0)),
            Self::Columns => (all, pair(column)),
        };
        Region { rows, columns }
    }
}

impl DataView {
    /// The view of a set of `n_classes`, closed.
    #[must_use]
    pub fn new(n_classes: usize) -> Self {
        Self {
            open: false,
            class: 0,
            ranks: vec![0; n_classes.max(1)],
            on_pixels: false,
            pixel: (SIDE / 2, SIDE / 2),
            reach: Reach::default(),
            of_class: false,
            tone: Tone::default(),
        }
    }

    /// The pixels that are asked about.
    #[must_use]
    pub fn region(&self) -> Region {
        self.reach.region(self.pixel)
    }

    /// The image of the class under the cursor that the page of samples shows for certain.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.ranks[self.class]
    }

    fn move_pixel(&mut self, rows: isize, columns: isize) {
        let moved = |at: usize, by: isize| at.saturating_add_signed(by).min(SIDE - 1);
        self.pixel = (moved(self.pixel.0, rows), moved(self.pixel.1, columns));
    }

    fn move_class(&mut self, by: isize) {
        if let Some(class) = self.class.checked_add_signed(by).filter(|class| *class < self.ranks.len()) {
            self.class = class;
        }
    }
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Even => "even",
            Self::Logarithmic => "logarithmic",
        })
    }
}

impl App {
    /// Takes in what is in the data.
    pub fn learn_data(&mut self, survey: Arc<Survey>) {
        self.survey = Some(survey);
    }

    /// Number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.data.ranks.len()
    }

    /// The open tab.
    #[must_use]
    pub fn tab(&self) -> Tab {
        if self.data.open { Tab::Data } else { Tab::Layer(self.layer) }
    }

    /// All tabs from left to right.
    pub fn tabs(&self) -> impl Iterator<Item = Tab> + use<> {
        std::iter::once(Tab::Data).chain((0..self.n_layers()).map(Tab::Layer))
    }

    /// Opens a tab.
    pub fn open(&mut self, tab: Tab) {
        match tab {
            Tab::Data => {
                self.data.open = true;
                if self.panes == Panes::Curves {
                    self.panes = Panes::Both;
                }
            }
            Tab::Layer(layer) => {
                self.data.open = false;
                self.open_layer(layer);
            }
        }
    }

    /// Opens the tab `by` places to the right, round and round.
    pub(super) fn turn_tab(&mut self, by: isize) {
        let tabs: Vec<Tab> = self.tabs().collect();
        self.open(next(&tabs, self.tab(), by));
    }

    /// Does what an action means on the data's tab; `false` if it means the same as anywhere else.
    pub(super) fn update_data(&mut self, action: Action) -> bool {
        let areas = self.areas().and_then(|areas| areas.data);
        let (columns, wide, has_samples, has_ink) =
            areas.map_or((1, false, true, true), |a| (a.class_columns(), a.wide, a.samples.is_some(), a.ink.is_some()));
        let data = &mut self.data;
        match (action, data.on_pixels) {
            (Action::Left, true) => data.move_pixel(0, -1),
            (Action::Right, true) => data.move_pixel(0, 1),
            (Action::Up, true) => data.move_pixel(-1, 0),
            (Action::Down, true) => data.move_pixel(1, 0),
            (Action::First, true) => data.pixel = (0, 0),
            (Action::Last, true) => data.pixel = (SIDE - 1, SIDE - 1),
            (Action::Left, false) => data.move_class(-1),
            (Action::Right, false) => data.move_class(1),
            (Action::Up, false) => data.move_class(-columns),
            (Action::Down, false) => data.move_class(columns),
            (Action::First, false) => data.ranks[data.class] = 0,
            (Action::Last, false) => data.ranks[data.class] = usize::MAX,
            (Action::NextPage, true) if !has_samples => data.move_pixel(LEAP, 0),
            (Action::PreviousPage, true) if !has_samples => data.move_pixel(-LEAP, 0),
            (Action::NextPage, _) => self.turn_samples(1),
            (Action::PreviousPage, _) => self.turn_samples(-1),
            (Action::Inspect, _) => self.look_at_pixels(!self.data.on_pixels),
            (Action::Back, _) => self.look_at_pixels(false),
            (Action::NextLens | Action::PreviousLens, on_pixels) => {
                data.of_class = !data.of_class;
                self.look_at_pixels(on_pixels || !has_ink);
            }
            (Action::NextScale, on_pixels) => {
                data.tone = if data.tone == Tone::Even { Tone::Logarithmic } else { Tone::Even };
                self.look_at_pixels(on_pixels || !has_ink);
            }
            (Action::Larger, _) => self.widen(1),
            (Action::Smaller, _) => self.widen(-1),
            (Action::Panes, on_pixels) if !wide => self.look_at_pixels(!on_pixels),
            (Action::Panes, _) => {
                self.next_panes();
                self.data.on_pixels &= self.panes != Panes::Gallery;
                self.data.on_pixels |= self.panes == Panes::Curves;
            }
            (
                Action::NextSort | Action::PreviousSort | Action::NextFilter | Action::PreviousFilter | Action::Similar,
                _,
            ) => self.say("only nodes are sorted and filtered: open a layer"),
            (Action::CurveSpan, _) => self.say("the curves are on the tabs of the layers"),
            _ => return false,
        }
        self.settle_samples();
        true
    }

    fn look_at_pixels(&mut self, on_pixels: bool) {
        self.data.on_pixels = on_pixels;
        // Whoever asks for the pixels wants to see them, and whoever comes back the images.
        self.panes = match (self.panes, on_pixels) {
            (Panes::Gallery, true) | (Panes::Curves, false) => Panes::Both,
            (panes, _) => panes,
        };
    }

    fn widen(&mut self, by: isize) {
        let at = Reach::ALL.iter().position(|reach| *reach == self.data.reach).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(Reach::ALL.len() - 1);
        self.data.reach = Reach::ALL[to];
        self.look_at_pixels(true);
    }

    pub(super) fn turn_samples(&mut self, pages: isize) {
        let a_page = self.areas().and_then(|areas| areas.data).map_or(10, |data| data.samples_a_page());
        let rank = &mut self.data.ranks[self.data.class];
        *rank = rank.saturating_add_signed(pages * a_page.cast_signed());
        self.settle_samples();
    }

    /// Shows an image by its number in the set.
    pub(super) fn go_to_image(&mut self, digits: &str) {
        let (Ok(number), Some(survey)) = (digits.parse::<usize>(), &self.survey) else { return };
        match survey.place_of(number) {
            Some((class, rank)) => {
                self.data.class = class;
                self.data.ranks[class] = rank;
                self.look_at_pixels(false);
                self.say(format!("image {number} is number {} of its class", rank + 1));
            }
            None => self.say(format!("there is no image {number}: they are 0 to {}", survey.len().saturating_sub(1))),
        }
    }

    /// Puts the page of samples back to the last image where it is beyond.
    fn settle_samples(&mut self) {
        let Some(count) = self.survey.as_ref().map(|survey| survey.count(self.data.class)) else {
            // Nobody knows yet how many there are.
            self.data.ranks[self.data.class] = 0;
            return;
        };
        let rank = &mut self.data.ranks[self.data.class];
        *rank = (*rank).min(count.saturating_sub(1));
    }
}
