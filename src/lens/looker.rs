//! Looks at one network through any lens: maps before scaling.

mod sample;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use ndarray::{Array1, Array2, Axis};

use super::backproject::{self, Precision};
use super::held_out::HeldOut;
use super::map::Needs;
use super::node::TOP;
use super::preferred::Ascent;
use super::reactions::{Network, Reactions};
use super::sight::Over;
use super::sparse::Sparse;
use super::{Lens, gated, pattern};
use crate::data::PIXELS;
use crate::nn::Mlp;

/// What is asked of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Through which lens.
    pub lens: Lens,
    /// Over which images.
    pub over: Over,
    /// Index of the layer.
    pub layer: usize,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Something is missing.
    Needs(Needs),
    /// Something else is more urgent.
    Interrupted,
}

impl From<Needs> for Stop {
    fn from(needs: Needs) -> Self {
        Self::Needs(needs)
    }
}

/// What the looker looks with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The images, if they are there.
    pub held_out: Option<&'a HeldOut>,
    /// Says when something else is more urgent; once it has said so, it stays with it.
    pub stop: &'a dyn Fn() -> bool,
}

/// The maps of some nodes, and what else the lens has found of each.
#[derive(Debug, Clone)]
pub struct Seen<F> {
    /// `(nodes, 784)`, one row a node.
    pub maps: Array2<F>,
    /// [`Lens::Top`]: the images that each node answers most to, and its `z`.
    pub tops: Vec<Vec<(usize, f64)>>,
    /// [`Lens::Preferred`]: the `z` of each node for its image.
    pub z: Vec<F>,
}

impl<F: Precision> Seen<F> {
    fn of(maps: Array2<F>) -> Self {
        Self { maps, tops: Vec::new(), z: Vec::new() }
    }

    fn select(&self, rows: &[usize]) -> Self {
        let tops = rows.iter().filter_map(|&row| self.tops.get(row).cloned()).collect();
        let z = rows.iter().filter_map(|&row| self.z.get(row).copied()).collect();
        Self { maps: self.maps.select(Axis(0), rows), tops, z }
    }
}

/// One network in one precision, and what the next question about it can use again.
pub struct Looker<F: Precision> {
    model: Arc<Mlp>,
    /// Looks at all test images, not at the sample.
    all: bool,
    network: OnceCell<Network<F>>,
    /// The sample, and what the network makes of it as far up as anybody asked.
    reactions: Vec<Reactions<F>>,
    /// The article's scaled images below a layer.
    below: Option<(usize, Option<Array2<f64>>)>,
    /// The last answer that took images or long, and the nodes that it is about.
    kept: Option<(Question, Vec<usize>, Seen<F>)>,
}

impl<F: Precision> Looker<F> {
    /// Looks at `model`, with all test images or the sample.
    #[must_use]
    pub fn new(model: Arc<Mlp>, all: bool) -> Self {
        Self { model, all, network: OnceCell::new(), reactions: Vec::new(), below: None, kept: None }
    }

    /// Whether it is the one for this.
    #[must_use]
    pub fn is_for(&self, model: &Arc<Mlp>, all: bool) -> bool {
        Arc::ptr_eq(&self.model, model) && self.all == all
    }

    /// Whether the last answer that took long holds these maps.
    pub fn remembers(&self, question: Question, mut nodes: impl Iterator<Item = usize>) -> bool {
        let kept = self.kept.as_ref().filter(|(kept, ..)| *kept == question);
        kept.is_some_and(|(_, kept, _)| nodes.all(|node| kept.contains(&node)))
    }

    /// Looks at another network from now on; it keeps nothing but the images.
    pub fn turn_to(&mut self, model: Arc<Mlp>, all: bool) {
        let mut reactions = std::mem::take(&mut self.reactions);
        reactions.iter_mut().for_each(Reactions::forget);
        *self = Self { reactions, ..Self::new(model, all) };
    }

    /// The network looked at.
    #[must_use]
    pub fn model(&self) -> &Arc<Mlp> {
        &self.model
    }

    /// Whether it looks at all test images, not at the sample.
    #[must_use]
    pub fn looks_at_all(&self) -> bool {
        self.all
    }

    /// The network in this precision.
    pub fn network(&self) -> &Network<F> {
        self.network.get_or_init(|| Network::new(&self.model))
    }

    /// How many held-out images the answer rests on; `None` if on none.
    pub fn n_images(&self, Question { lens, over, layer }: Question, held_out: Option<&HeldOut>) -> Option<usize> {
        let looks = match lens {
            Lens::Pattern | Lens::Mean | Lens::Top => true,
            Lens::Gated => layer > 0,
            Lens::Plain | Lens::Bias | Lens::Article | Lens::Influence | Lens::Preferred => false,
        };
        let n = || Some(held_out?.sample(self.all).blocks(over).map(<[usize]>::len).sum());
        match over {
            _ if !looks => None,
            Over::Image(_) if lens == Lens::Gated => Some(1),
            _ => n(),
        }
    }

    /// The maps of some nodes before scaling; `centred` less the mean map of the layer.
    ///
    /// # Panics
    /// If the layer or a node is not there.
    pub fn look(
        &mut self,
        question: Question,
        centred: bool,
        nodes: &[usize],
        means: Means<'_>,
    ) -> Result<Seen<F>, Stop> {
        if !(centred && question.lens.can_be_centred()) {
            return self.look_or_remember(question, nodes, means);
        }
        let all: Vec<usize> = (0..self.model.layers[question.layer].nodes()).collect();
        let Seen { maps, .. } = self.look_or_remember(question, &all, means)?;
        let mean = maps.sum_axis(Axis(0)) / F::of(all.len() as f32);
        Ok(Seen::of(maps.select(Axis(0), nodes) - &mean))
    }

    fn look_or_remember(&mut self, question: Question, nodes: &[usize], means: Means<'_>) -> Result<Seen<F>, Stop> {
        let is_short = matches!(question.lens, Lens::Plain | Lens::Bias | Lens::Article | Lens::Influence);
        if is_short {
            return self.look_now(question, nodes, means);
        }
        let known = |kept: &[usize]| -> Option<Vec<usize>> {
            nodes.iter().map(|node| kept.iter().position(|kept| kept == node)).collect()
        };
        if let Some((kept, kept_nodes, seen)) = &self.kept
            && *kept == question
            && let Some(rows) = known(kept_nodes)
        {
            return Ok(seen.select(&rows));
        }
        // To look through all images takes long, and hardly longer for all nodes; so turning the page is quick then.
        let per_node =
            matches!(question, Question { lens: Lens::Gated, layer: 3.., .. }) || question.lens == Lens::Preferred;
        let nodes_now = if self.all && !per_node {
            (0..self.model.layers[question.layer].nodes()).collect()
        } else {
            nodes.to_vec()
        };
        let seen = self.look_now(question, &nodes_now, means)?;
        if (means.stop)() {
            return Err(Stop::Interrupted);
        }
        let (_, kept_nodes, seen) = self.kept.insert((question, nodes_now, seen));
        Ok(known(kept_nodes).map_or_else(|| seen.clone(), |rows| seen.select(&rows)))
    }

    fn look_now(&mut self, question: Question, nodes: &[usize], means: Means<'_>) -> Result<Seen<F>, Stop> {
        let Question { lens, over, layer } = question;
        let model = Arc::clone(&self.model);
        if !self.all && self.n_images(question, means.held_out).is_some() {
            self.show_sample(layer, means)?;
        }
        Ok(Seen::of(match lens {
            Lens::Plain => backproject::plain(&model, layer, nodes),
            Lens::Bias => backproject::with_bias(&model, layer, nodes),
            Lens::Article => {
                if self.below.as_ref().is_none_or(|&(at, _)| at != layer) {
                    self.below = Some((layer, backproject::article_below(&model, layer)));
                }
                let below = self.below.as_ref().and_then(|(_, images)| images.as_ref());
                backproject::article(&model, layer, nodes, below).mapv(F::near)
            }
            Lens::Influence => {
                let sigma = &means.held_out.ok_or(Needs::Data)?.statistics().sigma;
                let sigma: Array1<F> = sigma.iter().map(|&sigma| F::near(sigma)).collect();
                backproject::plain::<F>(&model, layer, nodes) * &sigma
            }
            Lens::Pattern => pattern::response(self.blocks(over, means)?, layer, nodes).mapv(F::near),
            Lens::Mean => {
                let are_outputs = layer + 1 == model.layers.len();
                pattern::weighted_mean(self.blocks(over, means)?, layer, nodes, are_outputs).mapv(F::near)
            }
            Lens::Gated if layer == 0 => backproject::plain(&model, 0, nodes),
            Lens::Gated => self.gated(over, layer, nodes, means)?,
            Lens::Top => {
                let tops = pattern::top_images(self.blocks(over, means)?, layer, nodes, TOP);
                let test = &means.held_out.ok_or(Needs::Data)?.data.test;
                let best: Option<Vec<usize>> = tops.iter().map(|top| Some(top.first()?.0)).collect();
                let maps = Sparse::images(test, &best.ok_or(Stop::Interrupted)?).to_dense();
                return Ok(Seen { maps, tops, z: Vec::new() });
            }
            Lens::Preferred => {
                let found = Ascent::default().preferred(self.network(), layer, nodes, means.stop);
                let (maps, z) = found.ok_or(Stop::Interrupted)?;
                return Ok(Seen { maps, tops: Vec::new(), z });
            }
        }))
    }

    fn gated(&self, over: Over, layer: usize, nodes: &[usize], means: Means<'_>) -> Result<Array2<F>, Stop> {
        let network = self.network();
        match over {
            Over::Own if layer + 1 == self.model.layers.len() => {
                let mut maps = Array2::zeros((nodes.len(), PIXELS));
                for (mut map, &node) in maps.rows_mut().into_iter().zip(nodes) {
                    let own = self.blocks_of(Over::Class(node as u8), means)?;
                    map.assign(&gated::mean_jacobian(network, own, layer, &[node]).row(0));
                }
                Ok(maps)
            }
            Over::Image(image) => {
                let test = &means.held_out.ok_or(Needs::Data)?.data.test;
                let block = (image < test.len()).then(|| network.show(test, &[image])).ok_or(Needs::Image)?;
                Ok(gated::mean_jacobian(network, std::iter::once(block), layer, nodes))
            }
            _ => Ok(gated::mean_jacobian(network, self.blocks(over, means)?, layer, nodes)),
        }
    }

    /// What the network makes of the images that `over` names, block by block. Ends early when something else is more
    /// urgent.
    fn blocks<'a>(&'a self, over: Over, means: Means<'a>) -> Result<impl Iterator<Item = Cow<'a, Reactions<F>>>, Stop> {
        let mut blocks = self.blocks_of(over, means)?.peekable();
        // There is no image of that class.
        if blocks.peek().is_none() && !(means.stop)() { Err(Needs::Image.into()) } else { Ok(blocks) }
    }

    /// [`Self::blocks`], which may be none.
    fn blocks_of<'a>(
        &'a self,
        over: Over,
        means: Means<'a>,
    ) -> Result<impl Iterator<Item = Cow<'a, Reactions<F>>>, Stop> {
        let held_out = means.held_out.ok_or(Needs::Data)?;
        let (sample, network, test) = (held_out.sample(self.all), self.network(), &held_out.data.test);
        // All reactions to all images are too much to keep.
        let kept = (!self.all).then_some(&self.reactions);
        let is_wanted = move |block: &&Reactions<F>| !matches!(over, Over::Class(class) if block.labels[0] != class);
        let fresh = self.all.then(|| sample.blocks(over).map(|block| Cow::Owned(network.show(test, block))));
        let kept = kept.into_iter().flatten().filter(is_wanted).map(Cow::Borrowed);
        let mut blocks = kept.chain(fresh.into_iter().flatten());
        Ok(std::iter::from_fn(move || if (means.stop)() { None } else { blocks.next() }))
    }
}
