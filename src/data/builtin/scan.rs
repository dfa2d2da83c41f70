//! The scanner: a page of black and white points becomes 28x28 bytes of ink, the way MNIST's were made.
//!
//! MNIST's digits were scanned in black and white, cut out by their box, scaled to 20 points and put on the image by
//! their centre of mass. The steps here follow the description by Yadav and Bottou, "Cold Case: the Lost MNIST Digits"
//! (2019), section 2; only the steps, no picture.

use crate::data::builtin::chance::Chance;
use crate::data::dataset::{PIXELS, SIDE};

/// Side of the page, in points of the scanner.
pub const PAGE: usize = 64;
/// Side of the box that a digit fills on the image.
const BOX: usize = 20;
/// Share of a point that lands on the pixel after its own when the border of the two runs through it. Short of 1 as in
/// MNIST, whose full pixels are 252 to 254 more often than 255.
const LANDS: f32 = 0.99;

/// Black and white points; bit `x` of row `y` is set where there is ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page(pub [u64; PAGE]);

/// The part of a page that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cut {
    left: i32,
    top: i32,
    side: i32,
}

/// How a line of points falls on the pixels of the box: which points lie wholly on a pixel, and what the two that its
/// borders cut give to it.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    /// First point that lies wholly on the pixel …
    first: i32,
    /// … and the first that does not any more.
    past: i32,
    /// What the point before `first` gives.
    before: f32,
    /// What the point `past` gives.
    after: f32,
}

impl Page {
    /// A page without ink.
    pub const fn blank() -> Self {
        Self([0; PAGE])
    }

    /// Inks the points of row `row` from `first` up to, not including, `past`; what lies off the page is lost.
    pub fn ink(&mut self, row: i32, first: i32, past: i32) {
        let side = PAGE as i32;
        let (first, past) = (first.clamp(0, side), past.clamp(0, side));
        if (0..side).contains(&row) && first < past {
            self.0[row as usize] |= (u64::MAX >> (side - (past - first))) << first;
        }
    }

    /// What happens to paper now and then: specks of dirt beside the ink.
    pub fn soil(&mut self, chance: &mut Chance) {
        let Some(cut) = self.cut() else { return };
        for _ in 0..=chance.below(2) {
            let mut at =
                |start: i32| (start - 3 + chance.below(cut.side as u32 + 6) as i32, 1 + chance.below(3) as i32);
            let ((x, wide), (y, high)) = (at(cut.left), at(cut.top));
            for row in y..y + high {
                self.ink(row, x, x + wide);
            }
        }
    }

    /// The smallest square around the ink, its shorter side filled up on both sides; at least a point for each pixel.
    fn cut(&self) -> Option<Cut> {
        let top = self.0.iter().position(|&row| row != 0)? as i32;
        let past = PAGE as i32 - self.0.iter().rev().position(|&row| row != 0)? as i32;
        let all = self.0.iter().fold(0, |all, row| all | row);
        let left = all.trailing_zeros() as i32;
        let (width, height) = (PAGE as i32 - all.leading_zeros() as i32 - left, past - top);
        let side = width.max(height).max(BOX as i32);
        Some(Cut { left: left - (side - width) / 2, top: top - (side - height) / 2, side })
    }

    /// The page as MNIST would have it: its ink in 20x20 pixels, their centre of mass in the middle of the image.
    pub fn scan(&self) -> [u8; PIXELS] {
        let mut image = [0; PIXELS];
        let Some(cut) = self.cut() else { return image };
        let pixels = self.scale(cut);
        let most = pixels.iter().flatten().fold(0.0_f32, |most, &ink| most.max(ink));
        let (mut mass, mut mass_x, mut mass_y) = (0.0, 0.0, 0.0);
        let bytes = pixels.map(|row| row.map(|ink| (255.0 * ink / most + 0.5) as u8));
        for (y, row) in bytes.iter().enumerate() {
            for (x, &byte) in row.iter().enumerate() {
                let ink = f32::from(byte);
                mass += ink;
                mass_x += ink * (x as f32 + 0.5);
                mass_y += ink * (y as f32 + 0.5);
            }
        }
        let start = |mass_at: f32| ((0.5 * SIDE as f32 + 1.0 - mass_at / mass) as usize).min(SIDE - BOX);
        let (left, top) = (start(mass_x), start(mass_y));
        for (y, row) in bytes.iter().enumerate() {
            image[(top + y) * SIDE + left..][..BOX].copy_from_slice(row);
        }
        image
    }

    /// The ink of `cut` on each pixel of the box, 0 to about 1.
    fn scale(&self, cut: Cut) -> [[f32; BOX]; BOX] {
        let scale = BOX as f32 / cut.side as f32;
        let shares = shares(cut.side);
        let mut pixels = [[0.0; BOX]; BOX];
        let mut add = |y: usize, line: &[f32; BOX], share: f32| {
            for (pixel, ink) in pixels[y].iter_mut().zip(line) {
                *pixel += share * ink;
            }
        };
        for row in 0..cut.side {
            let Some(line) = self.line(row + cut.top, cut.left, scale, &shares) else { continue };
            let pixel = row as usize * BOX / cut.side as usize;
            if row < shares[pixel].past {
                add(pixel, &line, scale);
            } else {
                add(pixel, &line, shares[pixel].after);
                add(pixel + 1, &line, shares[pixel + 1].before);
            }
        }
        pixels
    }

    /// The ink of one row of points on each pixel of a row of the box.
    fn line(&self, row: i32, left: i32, scale: f32, shares: &[Share; BOX]) -> Option<[f32; BOX]> {
        let points = *usize::try_from(row).ok().and_then(|row| self.0.get(row))?;
        if points == 0 {
            return None;
        }
        let points = if left < 0 { points << -left } else { points >> left };
        let is_inked = |x: i32| (0..PAGE as i32).contains(&x) && points >> x & 1 == 1;
        Some(shares.map(|share| {
            let whole = points >> share.first & ((1 << (share.past - share.first)) - 1);
            let mut ink = scale * whole.count_ones() as f32;
            if is_inked(share.first - 1) {
                ink += share.before;
            }
            if is_inked(share.past) {
                ink += share.after;
            }
            ink
        }))
    }
}

/// How `side` points fall on the pixels of the box.
fn shares(side: i32) -> [Share; BOX] {
    let scale = BOX as f32 / side as f32;
    std::array::from_fn(|pixel| {
        // In whole numbers: point i covers i * BOX to (i + 1) * BOX, pixel p covers p * side to (p + 1) * side.
        let (pixel, wide) = (pixel as i32, BOX as i32);
        let (low, high) = (pixel * side, (pixel + 1) * side);
        let first = (low + wide - 1) / wide;
        let past = high / wide;
        let per = 1.0 / side as f32;
        let before = ((first * wide - low) as f32 * per - (1.0 - LANDS) * scale).max(0.0);
        Share {
            first,
            past,
            before: if first * wide > low { before } else { 0.0 },
            after: (high - past * wide) as f32 * per,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with a rectangle of ink.
    fn rectangle(left: i32, top: i32, width: i32, height: i32) -> Page {
        let mut page = Page::blank();
        for row in top..top + height {
            page.ink(row, left, left + width);
        }
        page
    }

    /// The rows of the image that have ink, and of each the columns and the values.
    fn inked(image: &[u8; PIXELS]) -> Vec<(usize, usize, Vec<u8>)> {
        image
            .chunks_exact(SIDE)
            .enumerate()
            .filter_map(|(y, row)| {
                let first = row.iter().position(|&byte| byte > 0)?;
                let past = SIDE - row.iter().rev().position(|&byte| byte > 0)?;
                Some((y, first, row[first..past].to_vec()))
            })
            .collect()
    }

    #[test]
    fn ink_off_the_page_is_lost() {
        let mut page = Page::blank();
        page.ink(-1, 0, 64);
        page.ink(64, 0, 64);
        page.ink(3, 70, 80);
        page.ink(3, 9, 9);
        assert_eq!(page, Page::blank());
        page.ink(5, -4, 70);
        page.ink(6, 60, 99);
        assert_eq!((page.0[5], page.0[6]), (u64::MAX, 0xf << 60));
        assert_eq!(Page::blank().scan(), [0; PIXELS]);
    }

    #[test]
    fn points_that_fit_the_pixels_are_copied_as_they_are() {
        // 40 points to 20 pixels: two by two. 16 points are 8 pixels, in the middle of the box.
        let image = rectangle(3, 20, 16, 40).scan();
        let rows = inked(&image);
        assert_eq!(rows.len(), 20);
        // The mass lies at 10 of 20, and 15 - 10 = 5: from there the box begins, six pixels before the ink.
        assert!(rows.iter().enumerate().all(|(i, row)| *row == (5 + i, 5 + 6, vec![255; 8])), "{rows:?}");
    }

    #[test]
    fn a_border_through_a_point_divides_its_ink_and_loses_a_hundredth() {
        // 30 points to 20 pixels, 1.5 to each. Pixel 0: point 0 and half of point 1; pixel 1: the rest of 1, short of
        // 0.01 * 20 / 30, and point 2. In numpy: 1 - 0.2 / 30 = 0.99333, squared 0.98671; times 255: 253.3, 251.6.
        let rows = inked(&rectangle(0, 0, 30, 30).scan());
        let pair = |first: u8, second: u8| [first, second].repeat(10);
        assert_eq!(rows.len(), 20);
        for (i, (_, _, values)) in rows.iter().enumerate() {
            assert_eq!(*values, if i % 2 == 0 { pair(255, 253) } else { pair(253, 252) }, "row {i}");
        }
    }

    #[test]
    fn what_is_smaller_than_the_box_is_not_enlarged() {
        let rows = inked(&rectangle(0, 0, 4, 6).scan());
        assert_eq!(rows.len(), 6);
        assert!(rows.iter().all(|row| row.2 == [255; 4]), "{rows:?}");
        assert_eq!((rows[0].0, rows[0].1), (12, 13), "mass at 15, 15 less up to one pixel");
    }

    #[test]
    fn no_ink_is_lost_but_that_hundredth_whatever_the_size() {
        for side in 20..=PAGE as i32 {
            let page = rectangle(0, 0, side, side);
            let pixels = page.scale(page.cut().unwrap());
            for ink in pixels.iter().flatten() {
                let least = 1.0 - 2.0 * (1.0 - LANDS) * BOX as f32 / side as f32 - 1e-5;
                assert!((least..=1.000_01).contains(ink), "{side}: {ink}");
            }
        }
    }

    #[test]
    fn specks_fall_near_the_ink_and_never_take_any() {
        let clean = rectangle(20, 10, 9, 40);
        let mut soiled = 0;
        for number in 0..50 {
            let mut page = clean;
            page.soil(&mut Chance::new(3, number));
            assert!(page.0.iter().zip(&clean.0).all(|(after, before)| after & before == *before));
            let specks: u32 = page.0.iter().zip(&clean.0).map(|(after, before)| (after & !before).count_ones()).sum();
            assert!(specks <= 18);
            soiled += u32::from(specks > 0);
        }
        assert!(soiled > 30, "{soiled}");
    }
}
