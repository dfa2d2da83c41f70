//! `maps`: the maps of a model's nodes as files.

use std::sync::Arc;

use super::{Outcome, model, output};
use crate::cli::{Layers, Maps};
use crate::error::{Error, Kind, Result, printable};
use crate::export::{MapsOptions, write_maps};
use crate::lens::Lens;
use crate::lens::held_out::HeldOut;
use crate::session::runs;

/// Writes the maps and prints the names of the files.
pub fn maps(given: &Maps) -> Result<Outcome> {
    let (path, file) = model::open(&given.model)?;
    let depth = file.model().layers.len();
    let layers = match given.layer {
        Layers::All => (0..depth).collect(),
        Layers::One(n) if n <= depth => vec![n - 1],
        Layers::One(n) => {
            let what = format!("--layer {n}: the network has layers 1 to {depth}");
            return Err(Error::new(Kind::Usage, what).at(path));
        }
    };
    let lens = Lens::from(given.lens);
    let held_out = if lens.needs_images() {
        Some(HeldOut::new(Arc::new(model::data_of(&path, &file, given.data.as_ref())?.load()?)))
    } else {
        None
    };
    let (over, format) = (given.set.into(), given.format.into());
    let options = MapsOptions { layers, lens, over, format, out: given.out.clone() };
    let written = write_maps(&Arc::new(file.model().clone()), held_out.as_ref(), &options)?;
    runs::mark_kept(&path)?;
    let names: Vec<_> = written.iter().map(|path| printable(&path.display().to_string())).collect();
    output::print(&(names.join("\n") + "\n"))
}
