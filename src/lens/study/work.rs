//! Makes a study, a little at a time.

use std::sync::Arc;

use ndarray::{Array2, ArrayView1};

use super::{Judged, LayerStudy, NodeStudy, OutputStudy, Study, TOP, Trend};
use crate::data::CLASSES;
use crate::lens::backproject::{self, Precision};
use crate::lens::faithfulness::{FaithfulnessSums, all_plain_maps};
use crate::lens::firing::FiringSums;
use crate::lens::held_out::HeldOut;
use crate::lens::measure::{self, mean};
use crate::lens::pattern::Tops;
use crate::lens::reactions::Network;
use crate::lens::sight::Over;
use crate::nn::Mlp;
use crate::nn::loss::argmax;

/// A study that is being made.
pub trait Task {
    /// Takes in the next block of images; says whether there are more.
    fn advance(&mut self) -> bool;

    /// The study of what was taken in.
    fn finish(&mut self) -> Study;
}

/// A study of one network in one precision.
pub struct Work<F: Precision> {
    model: Arc<Mlp>,
    network: Network<F>,
    /// Of every layer.
    maps: Vec<Array2<F>>,
    held_out: Option<Arc<HeldOut>>,
    blocks: std::vec::IntoIter<Vec<usize>>,
    faithfulness: FaithfulnessSums<F>,
    firing: FiringSums,
    /// Of every layer.
    tops: Vec<Tops>,
    judged: Vec<Judged>,
    since: Option<Arc<Vec<Array2<f32>>>>,
}

impl<F: Precision> Work<F> {
    /// Begins a study of `model` on `all` test images or on the sample; `since` are the plain maps of every layer that
    /// the change is counted from.
    ///
    /// # Panics
    /// If the network does not look at 784 pixels.
    #[must_use]
    pub fn new(
        model: &Arc<Mlp>,
        held_out: Option<Arc<HeldOut>>,
        all: bool,
        since: Option<Arc<Vec<Array2<f32>>>>,
    ) -> Self {
        let blocks = held_out.as_ref().map(|held_out| held_out.sample(all).blocks(Over::All).map(<[usize]>::to_vec));
        let maps = all_plain_maps(model);
        let network = Network::new(model);
        Self {
            faithfulness: FaithfulnessSums::new(model, &maps),
            firing: FiringSums::new(&network.model),
            blocks: blocks.into_iter().flatten().collect::<Vec<_>>().into_iter(),
            model: Arc::clone(model),
            tops: maps.iter().map(|maps| Tops::new(maps.nrows(), TOP)).collect(),
            network,
            maps,
            judged: Vec::new(),
            held_out,
            since,
        }
    }

    fn outputs(&self) -> Vec<OutputStudy> {
        let last = self.maps.len() - 1;
        let nodes: Vec<usize> = (0..self.maps[last].nrows()).collect();
        let with_bias = backproject::with_bias::<F>(&self.model, last, &nodes);
        let statistics = self.held_out.as_ref().map(|held_out| held_out.statistics());
        let output = |(k, (map, with_bias)): (usize, (ArrayView1<F>, ArrayView1<F>))| {
            let map = wide(&map);
            OutputStudy {
                template_match: statistics.filter(|_| k < CLASSES).and_then(|s| s.template_match(&map, k)),
                best_template: statistics.and_then(|s| s.best_template(&map)).map(|(class, _)| class),
                plain_vs_bias: measure::correlation(&map, &wide(&with_bias)),
            }
        };
        self.maps[last].rows().into_iter().zip(with_bias.rows()).enumerate().map(output).collect()
    }
}

impl<F: Precision> Task for Work<F> {
    fn advance(&mut self) -> bool {
        if let (Some(images), Some(held_out)) = (self.blocks.next(), &self.held_out) {
            let block = self.network.show(&held_out.data.test, &images);
            self.faithfulness.add(&block);
            self.firing.add(&block);
            for (tops, z) in self.tops.iter_mut().zip(&block.z) {
                for (&image, z) in block.images.iter().zip(z.rows()) {
                    tops.add(image, z.iter().map(|&z| z.into()));
                }
            }
            let answers = block.logits().rows().into_iter().map(|row| argmax(row.iter().copied()) as u8);
            let judged = images.iter().zip(&block.labels).zip(answers);
            self.judged.extend(judged.map(|((&image, &label), answer)| Judged { image, label, answer }));
        }
        self.blocks.len() > 0
    }

    fn finish(&mut self) -> Study {
        let (faithfulness, firing) = (self.faithfulness.finish(), self.firing.finish());
        let looked = faithfulness.n > 0;
        let layers = (0..self.maps.len()).map(|l| {
            let firing = looked.then_some(&firing[l]);
            let nodes = self.maps[l].rows().into_iter().enumerate().map(|(k, map)| {
                let map = wide(&map);
                NodeStudy {
                    norm: map.iter().map(|v| v * v).sum::<f64>().sqrt(),
                    structure: measure::structure(&map),
                    faithfulness: faithfulness.r2[l][k],
                    firing: firing.map(|f| f.rate[k]),
                    habit: firing.and_then(|f| Some(f.habit.as_ref()?[k])),
                    class_means: firing.map(|f| std::array::from_fn(|class| f.class_means[[k, class]])),
                    preference: firing.and_then(|f| f.preference(k)),
                    change: self
                        .since
                        .as_ref()
                        .and_then(|since| change(&map, &since.get(l)?.rows().into_iter().nth(k)?)),
                    top: self.tops[l].best[k].clone(),
                }
            });
            LayerStudy::new(nodes.collect())
        });
        let layers = layers.collect();
        let outputs = self.outputs();
        let statistics = self.held_out.as_ref().map(|held_out| held_out.statistics());
        let edge_share = statistics.and_then(|statistics| {
            mean(self.maps[self.maps.len() - 1].rows().into_iter().map(|map| statistics.edge_share(&wide(&map))))
        });
        self.judged.sort_unstable_by_key(|judged| judged.image);
        Study {
            version: 0,
            step: 0,
            n_images: faithfulness.n,
            n_test: self.held_out.as_ref().map_or(0, |held_out| held_out.data.test.len()),
            agreement: faithfulness.agreement,
            template_match: mean(outputs.iter().map(|output| output.template_match)),
            edge_share,
            layers,
            outputs,
            judged: self.judged.as_slice().into(),
            since: None,
            trend: Arc::new(Trend::default()),
            data: self.held_out.as_ref().map(|held_out| Arc::clone(&held_out.data)),
        }
    }
}

fn wide<F: Precision>(map: &ArrayView1<F>) -> Vec<f64> {
    map.iter().map(|&v| v.into()).collect()
}

/// How far `map` is from `before`, as a share of its length; `None` if that was zero.
fn change(map: &[f64], before: &ArrayView1<f32>) -> Option<f64> {
    let square = |v: f64| v * v;
    let (moved, length) = map.iter().zip(before).fold((0.0, 0.0), |(moved, length), (&now, &before)| {
        (moved + square(now - f64::from(before)), length + square(before.into()))
    });
    (length > 0.0).then(|| (moved / length).sqrt())
}
