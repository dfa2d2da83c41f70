//! From levels 0..=255 to colours: the greys, and two coloured ramps for terminals with 256 colours or more.
//!
//! A picture is drawn in the ramp's own colours, one a level, and [`crate::ui::terminal::Screen`] brings them down to the
//! few steps that are sent. [`Ramp::of`] finds the level again that a colour stands for.

use std::sync::LazyLock;

use ratatui::style::Color;
use serde::{Deserialize, Serialize};

use super::viridis::VIRIDIS;
use super::{Depth, Palette};

/// Which colours the levels of a map have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Ramp {
    /// Black to white.
    #[default]
    Grey,
    /// Blue below zero, dark at zero, orange above; the further from zero, the lighter.
    Diverging,
    /// The colours of the article's pictures: dark blue over green to yellow.
    Viridis,
}

/// Colours of the diverging ramp from zero to either end, evenly spaced; between two of them in proportion. In `OKLab` the
/// lightness goes evenly from 0.20 to 0.88, the hue from 255 to 220 degrees below zero and from 35 to 80 above it, and
/// the chroma is as high as sRGB lets it be, at most 0.15.
const BELOW: [[f32; 3]; 9] = [
    [22., 22., 22.],
    [6., 43., 77.],
    [0., 66., 121.],
    [0., 92., 157.],
    [0., 120., 186.],
    [0., 148., 208.],
    [50., 176., 224.],
    [112., 202., 235.],
    [169., 226., 245.],
];
const ABOVE: [[f32; 3]; 9] = [
    [22., 22., 22.],
    [71., 27., 9.],
    [110., 37., 0.],
    [144., 55., 0.],
    [172., 82., 0.],
    [195., 113., 0.],
    [212., 146., 63.],
    [226., 179., 115.],
    [238., 212., 168.],
];

// Of all rising sequences of lightness among the 240 colours, the one with the least sum of squared distances in `OKLab` to
// the ramp at the middles of its steps (a dynamic programme over the colours sorted by lightness).
const VIRIDIS_256: [u8; 16] = [53, 54, 55, 24, 25, 60, 30, 31, 66, 36, 71, 107, 77, 113, 184, 220];
const DIVERGING_256: [u8; 15] = [117, 74, 38, 31, 25, 24, 17, 233, 52, 88, 124, 130, 172, 179, 216];
/// Steps where any colour can be sent: an odd number, so that one of them is zero.
const DIVERGING_TRUE: u8 = 25;
const VIRIDIS_TRUE: u8 = 24;

/// Red, green, blue.
type Rgb = (u8, u8, u8);

/// The colour of every level of the coloured ramps, in order, for a search.
static LEVELS: LazyLock<Vec<(Rgb, (Ramp, u8))>> = LazyLock::new(|| {
    let ramps = [Ramp::Diverging, Ramp::Viridis];
    let mut levels: Vec<_> =
        ramps.into_iter().flat_map(|ramp| (0..=255).map(move |level| (ramp.rgb(level), (ramp, level)))).collect();
    levels.sort_unstable_by_key(|(rgb, _)| *rgb);
    levels
});

impl Ramp {
    /// All ramps, in the order in which a key goes through them.
    pub const ALL: [Self; 3] = [Self::Grey, Self::Diverging, Self::Viridis];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Diverging => "diverging",
            Self::Viridis => "viridis",
        }
    }

    /// The colour of a level, unrounded.
    #[must_use]
    pub fn exact(self, level: u8) -> Color {
        let (r, g, b) = self.rgb(level);
        Color::Rgb(r, g, b)
    }

    fn rgb(self, level: u8) -> Rgb {
        match self {
            Self::Grey => (level, level, level),
            Self::Viridis => {
                let [_, r, g, b] = VIRIDIS[usize::from(level)].to_be_bytes();
                (r, g, b)
            }
            Self::Diverging => {
                let from_zero = f32::from(level) - 127.5;
                let anchors = if from_zero < 0.0 { &BELOW } else { &ABOVE };
                let at = from_zero.abs() / 127.5 * (anchors.len() - 1) as f32;
                let below = (at as usize).min(anchors.len() - 2);
                let part = at - below as f32;
                let mix = |channel: usize| {
                    let [low, high] = [anchors[below][channel], anchors[below + 1][channel]];
                    (low + part * (high - low)).round() as u8
                };
                (mix(0), mix(1), mix(2))
            }
        }
    }

    /// The ramp and the level that an unrounded colour stands for.
    #[must_use]
    pub fn of(color: Color) -> Option<(Self, u8)> {
        match color {
            Color::Rgb(v, g, b) if v == g && g == b => Some((Self::Grey, v)),
            Color::Rgb(r, g, b) => {
                let found = LEVELS.binary_search_by_key(&(r, g, b), |(rgb, _)| *rgb).ok()?;
                Some(LEVELS[found].1)
            }
            _ => None,
        }
    }

    /// How many colours of it are sent to a terminal with this palette.
    #[must_use]
    pub fn steps(self, palette: Palette) -> u8 {
        match (self, palette.depth) {
            (Self::Diverging, Depth::TrueColor) => DIVERGING_TRUE,
            (Self::Viridis, Depth::TrueColor) => VIRIDIS_TRUE,
            (Self::Diverging, Depth::Ansi256) => DIVERGING_256.len() as u8,
            (Self::Viridis, Depth::Ansi256) => VIRIDIS_256.len() as u8,
            (Self::Grey, _) | (_, Depth::Ansi16 | Depth::None) => palette.steps(),
        }
    }

    /// The step of a level: `floor(steps level / 256)`.
    #[must_use]
    pub fn step(self, palette: Palette, level: u8) -> u8 {
        (u16::from(level) * u16::from(self.steps(palette)) / 256) as u8
    }

    /// The colour that is sent for a step, counted from 0.
    #[must_use]
    pub fn color(self, palette: Palette, step: u8) -> Color {
        let steps = self.steps(palette);
        let step = step.min(steps - 1);
        match (self, palette.depth) {
            (Self::Grey, _) | (_, Depth::Ansi16 | Depth::None) => palette.grey(step),
            (_, Depth::TrueColor) => {
                let middle = (256 * (2 * u32::from(step) + 1)) / (2 * u32::from(steps));
                self.exact(middle as u8)
            }
            (Self::Diverging, Depth::Ansi256) => Color::Indexed(DIVERGING_256[usize::from(step)]),
            (Self::Viridis, Depth::Ansi256) => Color::Indexed(VIRIDIS_256[usize::from(step)]),
        }
    }

    /// The step that a colour on the terminal is, if it is one of this ramp's.
    #[must_use]
    pub fn step_of(self, palette: Palette, color: Color) -> Option<u8> {
        match (self, palette.depth, color) {
            (Self::Grey, ..) | (_, Depth::Ansi16 | Depth::None, _) => palette.step_of(color),
            (_, Depth::TrueColor, color) => {
                let (_, level) = Self::of(color).filter(|(ramp, _)| *ramp == self)?;
                let step = self.step(palette, level);
                (self.color(palette, step) == color).then_some(step)
            }
            (Self::Diverging, Depth::Ansi256, Color::Indexed(index)) => place(&DIVERGING_256, index),
            (Self::Viridis, Depth::Ansi256, Color::Indexed(index)) => place(&VIRIDIS_256, index),
            (_, Depth::Ansi256, _) => None,
        }
    }

    /// The level at which a value is drawn that has `level` on a scale of `range`: only the diverging ramp differs, whose
    /// middle is zero whatever the scale.
    #[must_use]
    pub fn place(self, level: u8, (low, high): (f32, f32)) -> u8 {
        let most = low.abs().max(high.abs());
        if self != Self::Diverging || most <= 0.0 || low >= high {
            return level;
        }
        let value = low + (high - low) * (f32::from(level) / 255.0);
        (127.5 + 127.5 * value / most).round().clamp(0.0, 255.0) as u8
    }
}

fn place(steps: &[u8], index: u8) -> Option<u8> {
    steps.iter().position(|step| *step == index).map(|step| step as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::palette::rgb;

    const COLOURED: [Ramp; 2] = [Ramp::Diverging, Ramp::Viridis];
    const DEPTHS: [Depth; 4] = [Depth::None, Depth::Ansi16, Depth::Ansi256, Depth::TrueColor];

    fn palette(depth: Depth) -> Palette {
        Palette { depth, ascii: false, light: false }
    }

    /// Lightness, green to red, blue to yellow (B. Ottosson, "A perceptual color space for image processing", 2020).
    fn oklab(color: Color) -> [f32; 3] {
        let (red, green, blue) = rgb(color).unwrap();
        let light = [red, green, blue].map(|v| {
            let v = f32::from(v) / 255.0;
            if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        });
        let times = |rows: [[f32; 3]; 3], v: [f32; 3]| rows.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum());
        let cones: [f32; 3] = times(
            [
                [0.412_221_46, 0.536_332_55, 0.051_445_995],
                [0.211_903_5, 0.680_699_5, 0.107_396_96],
                [0.088_302_46, 0.281_718_85, 0.629_978_7],
            ],
            light,
        );
        times(
            [
                [0.210_454_26, 0.793_617_8, -0.004_072_047],
                [1.977_998_5, -2.428_592_2, 0.450_593_7],
                [0.025_904_037, 0.782_771_77, -0.808_675_77],
            ],
            cones.map(f32::cbrt),
        )
    }

    #[test]
    fn every_level_has_a_colour_of_its_own_and_is_found_again() {
        for (ramp, level) in Ramp::ALL.into_iter().flat_map(|ramp| (0..=255).map(move |level| (ramp, level))) {
            assert_eq!(Ramp::of(ramp.exact(level)), Some((ramp, level)));
        }
        assert_eq!(Ramp::of(Color::Rgb(1, 2, 3)), None);
        assert_eq!(Ramp::of(Color::Indexed(240)), None);
    }

    #[test]
    fn steps_are_ordered_in_lightness_in_each_depth() {
        for depth in [Depth::Ansi256, Depth::TrueColor] {
            let palette = palette(depth);
            let lightness = |ramp: Ramp| -> Vec<f32> {
                (0..ramp.steps(palette)).map(|step| oklab(ramp.color(palette, step))[0]).collect()
            };
            for ramp in [Ramp::Grey, Ramp::Viridis] {
                let lightness = lightness(ramp);
                assert!(lightness.windows(2).all(|pair| pair[0] + 0.01 < pair[1]), "{ramp:?} {lightness:?}");
            }
            let lightness = lightness(Ramp::Diverging);
            let (below, above) = lightness.split_at(lightness.len() / 2);
            assert!(below.windows(2).all(|pair| pair[0] > pair[1] + 0.01), "{below:?}");
            assert!(above.windows(2).all(|pair| pair[0] + 0.01 < pair[1]), "{above:?}");
            assert!(below[below.len() - 1] > above[0], "zero is the darkest");
        }
    }

    #[test]
    fn of_256_colours_those_are_taken_that_look_alike() {
        let palette = palette(Depth::Ansi256);
        for ramp in COLOURED {
            let steps = ramp.steps(palette);
            for step in 0..steps {
                let middle = (256 * (2 * u32::from(step) + 1) / (2 * u32::from(steps))) as u8;
                let [wanted, sent] = [ramp.exact(middle), ramp.color(palette, step)].map(oklab);
                let far = (0..3).map(|i| (wanted[i] - sent[i]).powi(2)).sum::<f32>().sqrt();
                assert!(far < 0.12, "{ramp:?} step {step}: {far}");
            }
        }
    }

    #[test]
    fn a_step_is_found_again_and_fewer_colours_mean_greys() {
        for (depth, ramp) in DEPTHS.into_iter().flat_map(|depth| Ramp::ALL.map(|ramp| (depth, ramp))) {
            let palette = palette(depth);
            for level in 0..=255 {
                let step = ramp.step(palette, level);
                let sent = ramp.color(palette, step);
                if depth == Depth::None {
                    continue;
                }
                assert_eq!(ramp.step_of(palette, sent), Some(step), "{depth:?} {ramp:?} {level}");
                if depth == Depth::Ansi16 {
                    assert_eq!(sent, palette.grey(palette.step(level)));
                }
            }
        }
    }

    #[test]
    fn the_middle_of_the_diverging_ramp_is_zero_on_every_scale() {
        let place = |level, range| Ramp::Diverging.place(level, range);
        assert_eq!([0, 255].map(|level| place(level, (-1.0, 3.0))), [85, 255]);
        assert_eq!(place(64, (-1.0, 3.0)), 128);
        assert_eq!([0, 128, 255].map(|level| place(level, (-2.0, 2.0))), [0, 128, 255]);
        assert_eq!([0, 255].map(|level| place(level, (0.0, 5.0))), [128, 255]);
        assert_eq!([0, 255].map(|level| place(level, (-4.0, -1.0))), [0, 96]);
        assert_eq!(place(127, (0.0, 0.0)), 127);
        assert_eq!(Ramp::Viridis.place(10, (-1.0, 3.0)), 10);
    }
}
