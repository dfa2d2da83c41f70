//! Which colour a level has, on which scale.

use ratatui::style::Color;

use crate::lens::scale;
use crate::ui::palette::{Palette, PixelCell, Ramp};
use crate::ui::theme::Theme;

/// The colours of a map whose levels lie on a scale.
#[derive(Debug, Clone, Copy)]
pub struct Ink {
    palette: Palette,
    ramp: Ramp,
    /// The values of levels 0 and 255.
    range: (f32, f32),
}

impl Ink {
    /// The colours that the user wants for a map on a scale of `range`.
    #[must_use]
    pub fn new(theme: &Theme, range: (f32, f32)) -> Self {
        Self { palette: theme.palette, ramp: theme.ramp, range }
    }

    /// The colour of a level, unrounded.
    #[must_use]
    pub fn color(&self, level: u8) -> Color {
        self.ramp.exact(self.ramp.place(level, self.range))
    }

    /// A pixel where the map is 0, if 0 is between its lowest and its highest value.
    #[must_use]
    pub fn zero(&self) -> Option<PixelCell> {
        let (low, high) = self.range;
        (low < 0.0 && high > 0.0).then(|| {
            let level = scale::levels(&[0.0], (f64::from(low), f64::from(high)))[0];
            self.pixels(level, level)
        })
    }

    /// Two pixels, one above the other, unrounded; where the terminal has no greys, the character of their mean.
    #[must_use]
    pub fn pixels(&self, top: u8, bottom: u8) -> PixelCell {
        let cell = self.palette.exact_pixels(top, bottom);
        if !self.palette.has_greys() {
            return cell;
        }
        PixelCell { fg: self.color(top), bg: self.color(bottom), ..cell }
    }
}
