//! Computes a page of maps: exactly what was asked for, and nothing else.

mod exact;
mod judge;

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Instant;

use ndarray::ArrayView1;

pub(super) use self::exact::check_inputs;
pub use self::exact::exact_maps;
use self::judge::Judge;
use super::backproject::{self, Precision};
use super::gated::Evidence;
use super::held_out::{HeldOut, SAMPLE};
use super::hold::Scales;
use super::looker::{Looker, Means, Question, Stop};
use super::map::{Because, Needs, Shown};
use super::node::{NodeReport, TopImage};
use super::reactions::Network;
use super::scale::Scale;
use super::sight::{Over, Sight, Why};
use super::worker::Request;
use super::{Lens, Map, NodeId, Page, Study};
use crate::data::{Dataset, PIXELS, SIDE, SharedDataset};
use crate::error::Result;
use crate::nn::loss::argmax;
use crate::nn::{Linear, Mlp};

/// Answers requests, and keeps what the next one about the same network can use again.
#[derive(Default)]
pub struct Projector {
    data: Arc<SharedDataset>,
    held_out: Option<Arc<HeldOut>>,
    quick: Option<Looker<f32>>,
    exact: Option<Looker<f64>>,
    scales: Scales,
    judge: Judge,
}

/// What a page is filled with.
#[derive(Default)]
struct Filled {
    maps: Vec<Map>,
    focus: Option<NodeReport>,
    image: Option<Shown>,
    because: Option<Because>,
    n_images: Option<usize>,
    n_judged: Option<usize>,
    judged_step: Option<u64>,
    inked: Option<[RangeInclusive<usize>; 2]>,
    needs: Option<Needs>,
}

impl Projector {
    /// One that finds its images in `data`, once they are there.
    #[must_use]
    pub fn new(data: Arc<SharedDataset>) -> Self {
        Self { data, ..Self::default() }
    }

    /// The page that `request` asks for. Nodes or a layer that the network does not have are left out.
    ///
    /// While nothing trains the maps are computed in f64 and equal those of `weightscope maps` to the bit.
    pub fn page(&mut self, request: &Request) -> Page {
        self.page_unless(request, &|| false).unwrap_or_else(|| empty(request))
    }

    /// [`Self::page`]; `None` as soon as `stop` says that something else is more urgent, and stays with it.
    pub fn page_unless(&mut self, request: &Request, stop: &dyn Fn() -> bool) -> Option<Page> {
        self.answer(request, request.is_about_all(), stop)
    }

    /// [`Self::page_unless`] on the sample, if the page is about all images and takes long; `None` else.
    pub fn preview(&mut self, request: &Request, stop: &dyn Fn() -> bool) -> Option<Page> {
        let Sight { ref nodes, focus, minus, .. } = request.sight;
        let question = question(&request.sight);
        let held_out = self.held_out().filter(|_| request.is_about_all())?;
        let exact = ready(&mut self.exact, &request.snapshot.model, true);
        let is_long = exact.n_images(question, Some(&held_out)).is_some_and(|n| n > SAMPLE);
        let is_known = exact.remembers(question, nodes.iter().copied().chain(focus).chain(minus));
        if is_long && !is_known { self.answer(request, false, stop) } else { None }
    }

    fn answer(&mut self, request: &Request, all: bool, stop: &dyn Fn() -> bool) -> Option<Page> {
        let start = Instant::now();
        let model = &request.snapshot.model;
        let held_out = self.held_out();
        let trains = !request.is_about_all();
        let question = question(&request.sight);
        self.scales.held.begin(question, request.sight.centred, request.sight.scale, trains);
        let means = Means { held_out: held_out.as_deref(), stop };
        // The article's integers depend on the last bit of the sums, so also while the network trains.
        let in_lockstep = trains && !request.is_live();
        let filled = if all || in_lockstep || request.sight.lens == Lens::Article {
            fill(ready(&mut self.exact, model, all), &request.sight, means, &mut self.scales)
        } else {
            fill(ready(&mut self.quick, model, false), &request.sight, means, &mut self.scales)
        };
        let filled = filled.and_then(|mut filled| {
            if let (Some(why), Some(image)) = (request.sight.why, &filled.image) {
                let network = ready(&mut self.exact, model, request.is_about_all()).network();
                match because(network, why, image, means) {
                    Ok(because) => filled.because = Some(because),
                    // Without an explanation there are maps all the same.
                    Err(Stop::Needs(needs)) => filled.needs = Some(needs),
                    Err(Stop::Interrupted) => return Err(Stop::Interrupted),
                }
            }
            self.judge.judge(ready(&mut self.quick, model, false), request, means, &mut filled)?;
            Ok(filled)
        });
        let filled = match filled {
            Ok(filled) => filled,
            Err(Stop::Needs(needs)) => Filled { needs: Some(needs), ..Filled::default() },
            Err(Stop::Interrupted) => return None,
        };
        let Filled { maps, focus, image, because, n_images, n_judged, judged_step, inked, needs } = filled;
        let page =
            Page { maps, focus, image, because, n_images, n_judged, judged_step, inked, needs, ..empty(request) };
        Some(Page { exact: all, took: start.elapsed(), ..page })
    }

    /// Takes note of what `study` found, which pages need not find again.
    pub(super) fn learn(&mut self, study: &Study) {
        self.judge.learn(study);
    }

    /// The images that are there now.
    pub(super) fn held_out(&mut self) -> Option<Arc<HeldOut>> {
        let data = self.data.get();
        let known = self.held_out.as_ref().map(|held_out| Arc::as_ptr(&held_out.data));
        if data.as_ref().map(Arc::as_ptr) != known {
            self.held_out = data.map(|data| Arc::new(HeldOut::new(data)));
            (self.quick, self.exact, self.scales) = (None, None, Scales::default());
            self.judge = Judge::default();
        }
        self.held_out.clone()
    }
}

/// The looker for this network; what was known of another is dropped.
fn ready<'a, F: Precision>(looker: &'a mut Option<Looker<F>>, model: &Arc<Mlp>, all: bool) -> &'a mut Looker<F> {
    let looker = looker.get_or_insert_with(|| Looker::new(Arc::clone(model), all));
    if !looker.is_for(model, all) {
        looker.turn_to(Arc::clone(model), all);
    }
    looker
}

/// A page with nothing on it yet.
fn empty(request: &Request) -> Page {
    Page {
        request: request.id,
        version: request.snapshot.version,
        step: request.snapshot.step,
        sight: request.sight.clone(),
        maps: Vec::new(),
        focus: None,
        image: None,
        because: None,
        n_images: None,
        n_judged: None,
        judged_step: None,
        inked: None,
        needs: None,
        exact: request.is_about_all(),
        took: std::time::Duration::ZERO,
    }
}

/// What is to be looked at, apart from how it is drawn.
fn question(sight: &Sight) -> Question {
    Question { lens: sight.lens, over: sight.over, layer: sight.layer }
}

fn fill<F: Precision>(
    looker: &mut Looker<F>,
    sight: &Sight,
    means: Means<'_>,
    scales: &mut Scales,
) -> Result<Filled, Stop> {
    let (model, layer) = (&Arc::clone(looker.model()), sight.layer);
    let width = model.layers.get(layer).map_or(0, Linear::nodes);
    let focus = sight.focus.filter(|&node| node < width);
    let minus = sight.minus.filter(|&node| node < width && focus.is_some());
    let mut nodes = sight.nodes.clone();
    nodes.retain(|&node| node < width);
    let n_page = nodes.len();
    nodes.extend(focus.into_iter().chain(minus));
    if nodes.is_empty() || model.layers[0].inputs() != PIXELS {
        return Ok(Filled::default());
    }

    let question = question(sight);
    let centred = is_centred(sight, model);
    let whole_layer = match sight.scale {
        Scale::Layer => scales.of_layer(looker, question, centred, means)?,
        Scale::Node | Scale::Symmetric | Scale::Percentile => (0.0, 0.0),
    };
    let seen = looker.look(question, centred, &nodes, means)?;
    let offsets = (sight.lens == Lens::Plain).then(|| backproject::offsets(model, layer, centred));
    // A difference has a scale of its own, held beside the node's.
    let mut picture = |index: usize, values: ArrayView1<F>, side: usize, is_difference: bool| {
        let values = values.to_slice().map_or_else(|| values.to_vec().into(), Cow::from);
        let range =
            scales.held.range(index + width * usize::from(is_difference), sight.scale.range(&values, whole_layer));
        Map::new(NodeId { layer, index }, &values, range, side, offsets.as_ref().map(|c| c[index]))
    };
    let maps = (0..n_page).map(|i| picture(nodes[i], seen.maps.row(i), sight.side, false)).collect();
    let focus = focus.map(|node| {
        let own = seen.maps.row(n_page);
        let mut report = NodeReport::new::<F>(model, picture(node, own, SIDE, false), sight.alike);
        report.difference = minus.map(|_| {
            let difference = &own - &seen.maps.row(n_page + 1);
            Map { offset: None, ..picture(node, difference.view(), SIDE, true) }
        });
        if let (Some(top), Some(held_out)) = (seen.tops.get(n_page), means.held_out) {
            report.top = top.iter().map(|&(image, z)| top_image(&held_out.data, image, z)).collect();
        }
        report.z = seen.z.get(n_page).map(|&z| z.into() as f32);
        report
    });
    let one = match (sight.why, sight.over) {
        (Some(why), _) => Some(why.image),
        (None, Over::Image(image)) => Some(image),
        _ => None,
    };
    let image = one.map(|image| shown(looker, image, means)).transpose()?;
    let n_images = looker.n_images(question, means.held_out);
    Ok(Filled { maps, focus, image, n_images, ..Filled::default() })
}

fn is_centred(sight: &Sight, model: &Mlp) -> bool {
    sight.centred && sight.layer + 1 == model.layers.len() && sight.lens.can_be_centred()
}

fn top_image(data: &Dataset, image: usize, z: f64) -> TopImage {
    let label = data.test.labels()[image].into();
    TopImage { image, label, z: z as f32, levels: data.test.image(image).into() }
}

/// A held-out image with what the network makes of it.
fn shown<F: Precision>(looker: &Looker<F>, image: usize, means: Means<'_>) -> Result<Shown, Stop> {
    let test = &means.held_out.ok_or(Needs::Data)?.data.test;
    if image >= test.len() {
        return Err(Needs::Image.into());
    }
    let reactions = looker.network().show(test, &[image]);
    Ok(Shown {
        image,
        label: test.labels()[image].into(),
        answer: argmax(reactions.logits().iter().copied()),
        probabilities: reactions.probabilities().iter().map(|&p| p.into() as f32).collect(),
        levels: test.image(image).into(),
    })
}

/// Why one output and not another; always in f64, since it is one image only, and about zero, since the signs matter.
fn because(network: &Network<f64>, why: Why, shown: &Shown, means: Means<'_>) -> Result<Because, Stop> {
    let test = &means.held_out.ok_or(Needs::Data)?.data.test;
    let layer = network.model.layers.len() - 1;
    let width = network.model.layers[layer].nodes();
    let a = why.a.unwrap_or(shown.answer);
    let b = why.b.unwrap_or_else(|| if shown.label == a { shown.runner_up(a) } else { shown.label });
    if a >= width || b >= width {
        return Err(Needs::Image.into());
    }
    let evidence = Evidence::of(network, test, why.image, a, b).ok_or(Needs::Relu)?;
    let range = Scale::Symmetric.range(&evidence.map, (0.0, 0.0));
    let map = Map::new(NodeId { layer, index: a }, &evidence.map, range, SIDE, None);
    Ok(Because { a, b, map, lead: evidence.lead, from_biases: evidence.from_biases })
}

#[cfg(test)]
mod tests;
