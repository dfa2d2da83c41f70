//! How far to trust what is on screen: R² and agreement, and how many images they rest on.

use super::App;
use crate::lens::{Lens, Map, Study};

/// Less of a map than this where hardly ever ink is does not mislead.
const WORTH_A_WORD: f64 = 0.1;

/// The mean R² of the maps on screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trust {
    /// Mean of those that have one.
    pub r2: f64,
    /// Number of test images that it rests on.
    pub n: usize,
    /// The step that it was found at, if the maps are of a newer one.
    pub step: Option<u64>,
}

impl App {
    /// The numbers of the very network whose maps are on screen, if the study has come to it.
    #[must_use]
    pub fn fresh_study(&self) -> Option<&Study> {
        let page = self.right_page()?;
        self.study.as_deref().filter(|study| study.step == page.step && study.n_images > 0)
    }

    /// [`Self::fresh_study`], if its R² is that of the maps on screen.
    fn study_of_maps(&self) -> Option<&Study> {
        self.fresh_study().filter(|_| self.lens == Lens::Plain && !self.is_centred())
    }

    /// R² of a map on screen; `None` where it has none.
    #[must_use]
    pub fn r2(&self, map: &Map) -> Option<f64> {
        match self.study_of_maps().and_then(|study| study.layers.get(map.node.layer)?.nodes.get(map.node.index)) {
            Some(node) => node.faithfulness,
            None => map.faithfulness,
        }
    }

    /// How many test images [`Self::r2`] rests on; `None` while there is no number.
    #[must_use]
    pub fn n_judged(&self) -> Option<usize> {
        self.study_of_maps().map(|study| study.n_images).or(self.right_page()?.n_judged)
    }

    /// The step that [`Self::r2`] was found at, if the maps are of a newer one.
    #[must_use]
    pub fn judged_step(&self) -> Option<u64> {
        let page = self.right_page().filter(|_| self.study_of_maps().is_none())?;
        page.judged_step.filter(|step| *step != page.step)
    }

    /// The maps of the page, or the one that is inspected.
    fn maps_on_screen(&self) -> impl Iterator<Item = &Map> {
        let page = self.right_page();
        let focus = page.filter(|page| page.maps.is_empty()).and_then(|page| page.focus.as_ref());
        page.into_iter().flat_map(|page| &page.maps).chain(focus.map(|report| &report.map))
    }

    /// Mean R² of the maps on screen.
    #[must_use]
    pub fn trust(&self) -> Option<Trust> {
        let n = self.n_judged()?;
        let known: Vec<f64> = self.maps_on_screen().filter_map(|map| self.r2(map)).collect();
        (!known.is_empty()).then(|| Trust {
            r2: known.iter().sum::<f64>() / known.len() as f64,
            n,
            step: self.judged_step(),
        })
    }

    /// Mean share of the maps on screen that lies where hardly ever ink is, if it is worth a word: the network was hardly
    /// ever asked what they say there.
    #[must_use]
    pub fn edge_share(&self) -> Option<f64> {
        let known: Vec<f64> = self.maps_on_screen().filter_map(|map| map.edge_share).collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        (self.lens.has_sides() && mean >= WORTH_A_WORD).then_some(mean)
    }

    /// Whether the influence lens has faded what the plain maps say where hardly ever ink is.
    #[must_use]
    pub fn is_rim_faded(&self) -> bool {
        let plain = self.study.as_ref().and_then(|study| study.edge_share);
        self.lens == Lens::Influence && self.edge_share().is_none() && plain.is_some_and(|share| share >= WORTH_A_WORD)
    }

    /// Mean R² that the plain maps of the open layer have at the same step, for comparison.
    #[must_use]
    pub fn plain_r2(&self) -> Option<f64> {
        self.fresh_study()?.layers.get(self.layer)?.faithfulness
    }
}
