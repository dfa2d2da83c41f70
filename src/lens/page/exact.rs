//! The maps of a whole layer as they are written to files.

use std::sync::Arc;

use super::fill;
use crate::data::{PIXELS, SIDE};
use crate::error::{Error, Kind, Result};
use crate::lens::held_out::HeldOut;
use crate::lens::hold::Scales;
use crate::lens::looker::{Looker, Means, Question};
use crate::lens::{Map, Sight};
use crate::nn::Mlp;

/// Maps of all nodes of a layer in f64 at 28x28, each on its own scale: what `weightscope maps` writes.
///
/// # Errors
/// [`Kind::Model`] if the network does not look at 28x28 pixels, [`Kind::Usage`] if the lens needs a dataset and there is
/// none.
///
/// # Panics
/// If the layer is not there.
pub fn exact_maps(model: &Arc<Mlp>, question: Question, held_out: Option<&HeldOut>) -> Result<Vec<Map>> {
    check_inputs(model)?;
    let sight = Sight {
        lens: question.lens,
        over: question.over,
        layer: question.layer,
        nodes: (0..model.layers[question.layer].nodes()).collect(),
        side: SIDE,
        ..Sight::default()
    };
    let mut looker = Looker::<f64>::new(Arc::clone(model), true);
    let filled = fill(&mut looker, &sight, Means { held_out, stop: &|| false }, &mut Scales::default());
    filled.map(|filled| filled.maps).map_err(|_| {
        Error::new(Kind::Usage, format!("the lens {} looks at images", question.lens.name()))
            .help("name the data with --data SOURCE")
    })
}

/// A network has maps if it looks at 28x28 pixels.
pub(in crate::lens) fn check_inputs(model: &Mlp) -> Result<()> {
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
