//! Maps as files: NumPy arrays to compute with, or contact sheets to look at.
//!
//! Everything is computed in f64, so that the levels are those of the screen at 28x28 while nothing trains.

mod sheet;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use npyz::WriterBuilder;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::lens::held_out::HeldOut;
use crate::lens::looker::Question;
use crate::lens::{Lens, Map, Over, page};
use crate::nn::Mlp;
use crate::session::whole_file;

/// Which maps to write, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapsOptions {
    /// Indices of the layers, 0 for the first hidden layer.
    pub layers: Vec<usize>,
    /// The lens.
    pub lens: Lens,
    /// The images that it looks at, if it looks at any.
    pub over: Over,
    /// The kind of files.
    pub format: MapFormat,
    /// The folder to write to; made if it is not there.
    pub out: PathBuf,
}

/// The form of a map outside this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MapFormat {
    /// `layer-1.png`: all maps of the layer on one sheet, in order, in grey.
    #[default]
    Png,
    /// `layer-1.npy`, uint8 levels of shape (nodes, 28, 28), and `layer-1-raw.npy`, the same in f32 before scaling.
    Npy,
}

/// Writes the maps of whole layers, and says which files it wrote. Each file is written whole or not at all; one that
/// exists is replaced.
///
/// # Errors
/// [`Kind::Usage`] for a layer that the network does not have or a lens without its images, [`Kind::Model`] for a network that does not look at
/// 28x28 pixels, [`Kind::Disk`] if a file cannot be written.
pub fn write_maps(model: &Arc<Mlp>, held_out: Option<&HeldOut>, options: &MapsOptions) -> Result<Vec<PathBuf>> {
    let depth = model.layers.len();
    if let Some(&missing) = options.layers.iter().find(|&&layer| layer >= depth) {
        return Err(Error::new(Kind::Usage, format!("there is no layer {}", missing + 1))
            .help(format!("this network has layers 1 to {depth}")));
    }
    fs::create_dir_all(&options.out).map_err(|e| Error::io(&options.out, "make this folder", &e))?;
    let mut written = Vec::new();
    for &layer in &options.layers {
        let question = Question { lens: options.lens, over: options.over, layer };
        let maps = page::exact_maps(model, question, held_out)?;
        let name = |ending: &str| options.out.join(format!("layer-{}{ending}", layer + 1));
        let files: Vec<(PathBuf, io::Result<Vec<u8>>)> = match options.format {
            MapFormat::Png => vec![(name(".png"), sheet::png(&maps))],
            MapFormat::Npy => {
                vec![(name(".npy"), npy(&maps, |map| &*map.levels)), (name("-raw.npy"), npy(&maps, |map| &*map.raw))]
            }
        };
        for (path, bytes) in files {
            let bytes = bytes.map_err(|e| Error::io(&path, "encode", &e))?;
            whole_file::write(&path, &bytes).map_err(|e| e.help("make room, or choose another folder with --out"))?;
            written.push(path);
        }
    }
    Ok(written)
}

/// An array of shape (nodes, 28, 28) in NumPy's format.
fn npy<T: npyz::AutoSerialize + Copy>(maps: &[Map], values: impl Fn(&Map) -> &[T]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let side = maps.first().map_or(0, |map| map.side as u64);
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&[maps.len() as u64, side, side])
        .writer(&mut bytes)
        .begin_nd()?;
    for map in maps {
        writer.extend(values(map).iter().copied())?;
    }
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
