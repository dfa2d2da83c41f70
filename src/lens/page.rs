//! Computes a page of maps: exactly what was asked for, and nothing else.

use std::sync::Arc;
use std::time::Instant;

use ndarray::{Array2, ArrayView1};

use super::backproject;
use super::node::NodeReport;
use super::scale::{self, Scale};
use super::worker::Request;
use super::{Lens, Map, NodeId, Page};
use crate::data::{PIXELS, SIDE};
use crate::error::{Error, Kind, Result};
use crate::nn::{Linear, Mlp};

/// Lens, layer, and whether in f64.
type LayerKey = (Lens, usize, bool);

/// Answers requests, and keeps what the next one about the same network can use again.
#[derive(Default)]
pub struct Projector {
    /// The network that the rest belongs to.
    model: Option<Arc<Mlp>>,
    /// The article's scaled images below a layer.
    below: Option<(usize, Option<Array2<f64>>)>,
    /// Lowest and highest value of a whole layer's maps, for [`Scale::Layer`].
    layer_range: Option<(LayerKey, (f64, f64))>,
}

impl Projector {
    /// The page that `request` asks for. Nodes or a layer that the network does not have are left out.
    ///
    /// While nothing trains the maps are computed in f64 and equal those of `weightscope maps` to the bit.
    pub fn page(&mut self, request: &Request) -> Page {
        let start = Instant::now();
        let snapshot = &request.snapshot;
        if !self.model.as_ref().is_some_and(|model| Arc::ptr_eq(model, &snapshot.model)) {
            *self = Self { model: Some(Arc::clone(&snapshot.model)), ..Self::default() };
        }
        let exact = !request.is_live();
        let (maps, focus) = self.maps(request, exact);
        Page {
            request: request.id,
            version: snapshot.version,
            step: snapshot.step,
            lens: request.lens,
            scale: request.scale,
            layer: request.layer,
            maps,
            focus: focus.map(|map| NodeReport::new(&snapshot.model, map)),
            exact,
            took: start.elapsed(),
        }
    }

    /// The maps of the page, and the large one of the node under the cursor.
    fn maps(&mut self, request: &Request, exact: bool) -> (Vec<Map>, Option<Map>) {
        let (model, lens, layer) = (&*request.snapshot.model, request.lens, request.layer);
        let width = model.layers.get(layer).map_or(0, Linear::nodes);
        let focus = request.focus.filter(|&node| node < width);
        let mut nodes = request.nodes.clone();
        nodes.retain(|&node| node < width);
        nodes.extend(focus);
        if nodes.is_empty() || model.layers[0].inputs() != PIXELS {
            return (Vec::new(), None);
        }

        let whole_layer = match request.scale {
            Scale::Layer => self.layer_range(model, lens, layer, exact),
            Scale::Node | Scale::Symmetric => (0.0, 0.0),
        };
        let offsets = (lens == Lens::Plain).then(|| backproject::offsets(model, layer));
        let raw = self.raw(model, lens, layer, &nodes, exact);
        let picture = |i: usize, side: usize| {
            let id = NodeId { layer, index: nodes[i] };
            let values = raw.row(i).to_vec();
            let range = request.scale.range(&values, whole_layer);
            Map::new(id, &values, range, side, offsets.as_ref().map(|c| c[id.index]))
        };
        let focus = focus.map(|_| picture(nodes.len() - 1, SIDE));
        let n_page = nodes.len() - usize::from(focus.is_some());
        ((0..n_page).map(|i| picture(i, request.side)).collect(), focus)
    }

    /// The maps before scaling, `(nodes, 784)`.
    fn raw(&mut self, model: &Mlp, lens: Lens, layer: usize, nodes: &[usize], exact: bool) -> Array2<f64> {
        match lens {
            Lens::Plain if exact => backproject::plain(model, layer, nodes),
            Lens::Plain => backproject::plain::<f32>(model, layer, nodes).mapv(f64::from),
            Lens::Bias if exact => backproject::with_bias(model, layer, nodes),
            Lens::Bias => backproject::with_bias::<f32>(model, layer, nodes).mapv(f64::from),
            Lens::Article => {
                if self.below.as_ref().is_none_or(|&(at, _)| at != layer) {
                    self.below = Some((layer, backproject::article_below(model, layer)));
                }
                let below = self.below.as_ref().and_then(|(_, images)| images.as_ref());
                backproject::article(model, layer, nodes, below)
            }
        }
    }

    /// Lowest and highest value of all maps of the layer.
    fn layer_range(&mut self, model: &Mlp, lens: Lens, layer: usize, exact: bool) -> (f64, f64) {
        let key = (lens, layer, exact);
        if let Some((known, range)) = self.layer_range
            && known == key
        {
            return range;
        }
        let all: Vec<usize> = (0..model.layers[layer].nodes()).collect();
        let raw = self.raw(model, lens, layer, &all, exact);
        let range = raw.as_slice().and_then(scale::range).unwrap_or_default();
        self.layer_range = Some((key, range));
        range
    }
}

/// Maps in f64 at 28x28, each on its own scale: what `weightscope maps` writes.
///
/// # Errors
/// [`Kind::Model`] if the network does not look at 28x28 pixels.
///
/// # Panics
/// If the layer or a node is not there.
pub fn exact_maps(model: &Mlp, lens: Lens, layer: usize, nodes: &[usize]) -> Result<Vec<Map>> {
    check_inputs(model)?;
    let raw = Projector::default().raw(model, lens, layer, nodes, true);
    let offsets = (lens == Lens::Plain).then(|| backproject::offsets(model, layer));
    let map = |(row, &index): (ArrayView1<f64>, &usize)| {
        let values = row.to_vec();
        let range = Scale::Node.range(&values, (0.0, 0.0));
        Map::new(NodeId { layer, index }, &values, range, SIDE, offsets.as_ref().map(|c| c[index]))
    };
    Ok(raw.rows().into_iter().zip(nodes).map(map).collect())
}

/// A network has maps if it looks at 28x28 pixels.
pub(super) fn check_inputs(model: &Mlp) -> Result<()> {
    let inputs = model.layers[0].inputs();
    if inputs != PIXELS {
        return Err(Error::new(
            Kind::Model,
            format!("this network has {inputs} inputs; there are maps of {PIXELS} only"),
        )
        .help("choose a model that was trained on images of 28x28 pixels"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
