//! What the images of a dataset have in common: the yardsticks that maps are measured with.

use std::ops::RangeInclusive;

use crate::data::{CLASSES, PIXELS, SIDE, Split};

/// Statistics of a training split, pixel by pixel; ink counts from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Mean image.
    pub mean: Vec<f64>,
    /// Standard deviation of each pixel over the images (population).
    pub sigma: Vec<f64>,
    /// `T_c`: mean image of each class minus the mean of all; zero for a class without images.
    pub templates: Vec<Vec<f64>>,
    /// Pixels with ink in more than 20 % of the images.
    pub core: Vec<usize>,
    /// Pixels with ink in fewer than 5 % of the images.
    pub edge: Vec<usize>,
}

impl Statistics {
    /// The statistics of all images of `train`. All sums are whole numbers, so they do not depend on an order.
    #[must_use]
    pub fn of(train: &Split) -> Self {
        let n = train.len().max(1) as u64;
        let mut sums = vec![[0u64; PIXELS]; CLASSES];
        let mut sizes = [0u64; CLASSES];
        let (mut squares, mut inked) = (vec![0u64; PIXELS], vec![0u64; PIXELS]);
        for (i, &label) in train.labels().iter().enumerate() {
            let class = usize::from(label);
            sizes[class] += 1;
            for (p, &level) in train.image(i).iter().enumerate() {
                let level = u64::from(level);
                sums[class][p] += level;
                squares[p] += level * level;
                inked[p] += u64::from(level > 0);
            }
        }
        let total: Vec<u64> = (0..PIXELS).map(|p| sums.iter().map(|class| class[p]).sum()).collect();
        let mean: Vec<f64> = total.iter().map(|&s| s as f64 / (n as f64 * 255.0)).collect();
        let variance = |p: usize| (n * squares[p] - total[p] * total[p]) as f64 / (n * n) as f64;
        let template = |class: usize| match sizes[class] {
            0 => vec![0.0; PIXELS],
            size => sums[class].iter().zip(&mean).map(|(&s, m)| s as f64 / (size as f64 * 255.0) - m).collect(),
        };
        Self {
            sigma: (0..PIXELS).map(|p| variance(p).sqrt() / 255.0).collect(),
            templates: (0..CLASSES).map(template).collect(),
            core: (0..PIXELS).filter(|&p| 5 * inked[p] > n).collect(),
            edge: (0..PIXELS).filter(|&p| 20 * inked[p] < n).collect(),
            mean,
        }
    }

    /// The class whose template goes best with `map` on the core pixels, and how well: their correlation.
    #[must_use]
    pub fn best_template(&self, map: &[f64]) -> Option<(usize, f64)> {
        let matches = (0..self.templates.len()).filter_map(|class| Some((class, self.template_match(map, class)?)));
        matches.fold(None, |best, new| match best {
            Some((_, value)) if value >= new.1 => best,
            _ => Some(new),
        })
    }

    /// Correlation of `map` with the template of `class` on the core pixels, if both have contrast there.
    #[must_use]
    pub fn template_match(&self, map: &[f64], class: usize) -> Option<f64> {
        let core = |values: &[f64]| -> Vec<f64> { self.core.iter().map(|&p| values[p]).collect() };
        super::measure::correlation(&core(map), &core(&self.templates[class]))
    }

    /// Share of the map's energy (sum of squares) on edge pixels; `None` for a map that is zero everywhere.
    #[must_use]
    pub fn edge_share(&self, map: &[impl Copy + Into<f64>]) -> Option<f64> {
        let energy = |p: usize| map[p].into().powi(2);
        let all: f64 = (0..map.len()).map(energy).sum();
        let edge: f64 = self.edge.iter().map(|&p| energy(p)).sum();
        (all > 0.0).then(|| edge / all)
    }

    /// The rows and the columns, counted from 0, outside of which all pixels are edge pixels; `None` if there is no other.
    #[must_use]
    pub fn inked_area(&self) -> Option<[RangeInclusive<usize>; 2]> {
        let mut is_edge = [false; PIXELS];
        self.edge.iter().for_each(|&p| is_edge[p] = true);
        let span = |of: fn(usize) -> usize| {
            let places = || (0..PIXELS).filter(|&p| !is_edge[p]).map(of);
            Some(places().min()?..=places().max()?)
        };
        Some([span(|p| p / SIDE)?, span(|p| p % SIDE)?])
    }

    /// The influence lens: each pixel's weight times how much the pixel varies, `P_k(p) sigma_p`.
    #[must_use]
    pub fn influence(&self, map: &[f64]) -> Vec<f64> {
        map.iter().zip(&self.sigma).map(|(v, sigma)| v * sigma).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inked_area_is_what_lies_between_the_edges() {
        let of = |is_edge: fn(usize, usize) -> bool| {
            let edge = (0..PIXELS).filter(|&p| is_edge(p / SIDE, p % SIDE)).collect();
            let nothing = Vec::new;
            Statistics { mean: nothing(), sigma: nothing(), templates: Vec::new(), core: Vec::new(), edge }.inked_area()
        };
        // A corner more or less changes nothing.
        let rim =
            |row: usize, column: usize| !(4..=24).contains(&row) || !(5..=22).contains(&column) || row + column < 12;
        assert_eq!(of(rim), Some([4..=24, 5..=22]));
        assert_eq!(of(|_, _| false), Some([0..=27, 0..=27]));
        assert_eq!(of(|_, _| true), None);
    }
}
