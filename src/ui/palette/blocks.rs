//! Pixels as characters: a cell is cut into 2, 4 or 8 parts, each in one of two colours.

use std::sync::LazyLock;

use ratatui::symbols::pixel::{OCTANTS, QUADRANTS};
use serde::{Deserialize, Serialize};

/// Which characters draw the pictures that are smaller than their pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Glyphs {
    /// `▀`: two pixels a cell, both exact.
    Half,
    /// `▞`: four pixels a cell in the two colours that fit them best.
    Quadrant,
    /// Eight pixels a cell in two colours. Finest; but the characters are of Unicode 16 (2024), and few fonts have them.
    Octant,
}

impl Glyphs {
    /// All of them, in the order in which a key goes through them.
    pub const ALL: [Self; 3] = [Self::Half, Self::Quadrant, Self::Octant];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Half => "half",
            Self::Quadrant => "quadrant",
            Self::Octant => "octant",
        }
    }

    /// Pixels of a cell, across and down.
    #[must_use]
    pub fn pixels(self) -> (usize, usize) {
        match self {
            Self::Half => (1, 2),
            Self::Quadrant => (2, 2),
            Self::Octant => (2, 4),
        }
    }

    /// The character whose lit parts are the bits of `mask`, row by row from the top left.
    fn symbol(self, mask: u8) -> char {
        match self {
            Self::Half => ['▄', '▀'][usize::from(mask & 1)],
            Self::Quadrant => QUADRANTS[usize::from(mask & 15)],
            Self::Octant => OCTANTS[usize::from(mask)],
        }
    }

    /// The character and the levels of its two colours (lit, unlit) that come nearest to `levels`, row by row.
    ///
    /// Two pixels are exact: `▀`. More are split at that level where both groups are nearest to their means (the least sum
    /// of squares, as in 2-means, which in one dimension tries all thresholds).
    #[must_use]
    pub fn fit(self, levels: &[u8]) -> (char, u8, u8) {
        let n = levels.len().min(8);
        if let [top, bottom] = *levels {
            return ('▀', top, bottom);
        }
        let mut order = [0, 1, 2, 3, 4, 5, 6, 7];
        let order = &mut order[..n];
        order.sort_by_key(|pixel| levels[*pixel]);
        let all: u32 = levels.iter().map(|level| u32::from(*level)).sum();
        // The least sum of squares is the greatest sum of (sum² / n) of both groups.
        let mut best = (0, 0.0, 0);
        let mut low = 0;
        for cut in 1..n {
            low += u32::from(levels[order[cut - 1]]);
            let high = all - low;
            let fit = f64::from(low * low) / cut as f64 + f64::from(high * high) / (n - cut) as f64;
            if fit > best.1 {
                best = (cut, fit, low);
            }
        }
        let (cut, _, low) = best;
        let mask = order[cut..].iter().fold(0u8, |mask, pixel| mask | 1 << pixel);
        let mean = |sum: u32, n: usize| ((sum + n as u32 / 2) / (n as u32).max(1)) as u8;
        (self.symbol(mask), mean(all - low, n - cut), mean(low, cut))
    }
}

/// All blocks with what they fill, in the order of the characters.
static MASKS: LazyLock<Vec<(char, u8)>> = LazyLock::new(|| {
    let mut masks: Vec<(char, u8)> = OCTANTS.iter().copied().zip(0..=255).collect();
    masks.sort_unstable();
    masks
});

/// Which eighths of its cell a character fills, row by row from the top left; nothing if it is no block.
#[must_use]
pub fn mask(symbol: &str) -> Option<u8> {
    match symbol {
        "▀" => Some(0x0f),
        _ if symbol.is_ascii() => None,
        _ => {
            let mut chars = symbol.chars();
            let (Some(only), None) = (chars.next(), chars.next()) else { return None };
            let place = MASKS.binary_search_by_key(&only, |(symbol, _)| *symbol).ok()?;
            Some(MASKS[place].1)
        }
    }
}

/// The character that fills these eighths.
#[must_use]
pub fn symbol(mask: u8) -> char {
    OCTANTS[usize::from(mask)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_pixels_are_exact_and_four_or_eight_take_the_best_two_colours() {
        assert_eq!(Glyphs::Half.fit(&[10, 200]), ('▀', 10, 200));
        assert_eq!(Glyphs::Quadrant.fit(&[10, 200, 14, 220]), ('▐', 210, 12));
        assert_eq!(Glyphs::Quadrant.fit(&[10, 10, 10, 90]), ('▗', 90, 10));
        assert_eq!(Glyphs::Octant.fit(&[0, 0, 0, 0, 0, 0, 250, 250]), ('▂', 250, 0));
        assert_eq!(Glyphs::Octant.fit(&[9, 0, 9, 0, 9, 0, 9, 0]), ('▌', 9, 0));
        let (_, lit, unlit) = Glyphs::Quadrant.fit(&[7; 4]);
        assert_eq!((lit, unlit), (7, 7));
    }

    #[test]
    fn characters_are_told_by_what_they_fill() {
        for (text, filled) in [("▀", 0x0f), ("▄", 0xf0), ("█", 0xff), ("▌", 0x55), ("▞", 0x5a), ("▂", 0xc0)]
        {
            assert_eq!(mask(text), Some(filled), "{text}");
            assert_eq!(symbol(filled).to_string(), text);
        }
        for filled in 1..=255 {
            assert_eq!(mask(&symbol(filled).to_string()), Some(filled));
        }
        for text in ["a", "", "█a", "░", "─"] {
            assert_eq!(mask(text), None, "{text}");
        }
    }

    proptest! {
        /// No other threshold comes nearer, and what is drawn is the group's mean to half a level.
        #[test]
        fn no_split_is_better(levels in prop::collection::vec(any::<u8>(), 8), octants: bool) {
            let (glyphs, n) = if octants { (Glyphs::Octant, 8) } else { (Glyphs::Quadrant, 4) };
            let levels = &levels[..n];
            let (character, lit, unlit) = glyphs.fit(levels);
            let filled = mask(&character.to_string()).unwrap();
            let pixel = |i: usize| if octants { i } else { [0, 1, 4, 5][i] };
            let error: f64 = (0..n)
                .map(|i| {
                    let drawn = if filled >> pixel(i) & 1 == 1 { lit } else { unlit };
                    (f64::from(levels[i]) - f64::from(drawn)).powi(2)
                })
                .sum();
            for threshold in 0..=255u8 {
                let (low, high): (Vec<f64>, Vec<f64>) =
                    levels.iter().map(|v| f64::from(*v)).partition(|v| *v < f64::from(threshold));
                let squares = |group: &[f64]| {
                    let mean = group.iter().sum::<f64>() / group.len().max(1) as f64;
                    group.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
                };
                // Each mean is rounded, by half a level at most.
                prop_assert!(error <= squares(&low) + squares(&high) + n as f64 * 0.25 + 1e-9);
            }
        }
    }
}
