//! Named styles: the only place that knows a colour. Text stands in the terminal's own colours, dimmed or bold, so that it
//! is readable on dark and on light; one accent; and no meaning hangs on a hue alone.

use ratatui::style::{Color, Modifier, Style};

use super::app::App;
use super::palette::{Depth, Glyphs, Marker, Palette, Ramp};

/// The styles of everything, and how the maps and charts are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// What the terminal can show.
    pub palette: Palette,
    /// The colours of maps.
    pub ramp: Ramp,
    /// The characters of small maps.
    pub glyphs: Glyphs,
    /// The characters of curves.
    pub marker: Marker,
    /// The name of a value; quieter than the value.
    pub label: Style,
    /// A value.
    pub value: Style,
    /// The heading of a pane.
    pub title: Style,
    /// What is alive: the program's name, keys, progress.
    pub accent: Style,
    /// The open tab and the caption under the cursor.
    pub selected: Style,
    /// Training runs.
    pub good: Style,
    /// Waiting, or worth a look.
    pub warn: Style,
    /// Failed.
    pub bad: Style,
    /// Curves of the training batches.
    pub train: Style,
    /// Curves of the test split.
    pub test: Style,
}

impl Theme {
    /// The styles for a terminal.
    #[must_use]
    pub fn new(palette: Palette) -> Self {
        let plain = Style::new();
        // Middle tones of the 256: at least 3:1 on black and on white.
        let hue = |indexed: u8, named: Color| match palette.depth {
            Depth::None => plain,
            Depth::Ansi16 => plain.fg(named),
            Depth::Ansi256 | Depth::TrueColor => plain.fg(Color::Indexed(indexed)),
        };
        let accent = hue(33, Color::Cyan);
        Self {
            palette,
            ramp: Ramp::Grey,
            glyphs: Glyphs::Half,
            marker: Marker::Braille,
            label: plain.add_modifier(Modifier::DIM),
            value: plain,
            title: plain.add_modifier(Modifier::BOLD),
            accent: accent.add_modifier(Modifier::BOLD),
            selected: accent.add_modifier(Modifier::BOLD | Modifier::REVERSED),
            good: hue(34, Color::Green),
            warn: hue(172, Color::Yellow).add_modifier(Modifier::BOLD),
            bad: hue(160, Color::Red).add_modifier(Modifier::BOLD),
            train: accent,
            test: hue(172, Color::Yellow),
        }
    }

    /// The styles that the user of `app` has chosen.
    #[must_use]
    pub fn of(app: &App) -> Self {
        let options = &app.options;
        let ramp = if options.palette.has_ramps() { app.ramp } else { Ramp::Grey };
        Self { ramp, glyphs: app.glyphs, marker: options.marker, ..Self::new(options.palette) }
    }

    /// The better of two spellings: the second one is ASCII.
    #[must_use]
    pub fn glyph(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.palette.ascii { ascii } else { unicode }
    }
}
