//! The model that `eval`, `maps`, `inspect` and `view` are given, and the images to judge it on.

use std::path::{Path, PathBuf};

use super::output;
use crate::data::Source;
use crate::data::source::{self, Located, Places};
use crate::error::{Error, Kind, Result};
use crate::session::run_folder::newest_checkpoint;
use crate::session::{ModelFile, load_model};

/// Opens a model file, or the newest whole checkpoint of a run folder; says where it was found.
pub fn open(path: &Path) -> Result<(PathBuf, ModelFile)> {
    if !path.is_dir() {
        let file = load_model(path)?;
        if let ModelFile::Foreign { note, .. } = &file {
            output::note(&format!("{}: {note}", path.display()));
        }
        return Ok((path.into(), file));
    }
    let newest = newest_checkpoint(path)?;
    for damaged in &newest.passed_over {
        output::note(&format!("passed over {damaged}"));
    }
    Ok((newest.path, ModelFile::Checkpoint(Box::new(newest.checkpoint))))
}

/// Finds the images asked for, else those that the file was trained on; never others.
pub fn data_of(path: &Path, file: &ModelFile, asked: Option<&Source>) -> Result<Located> {
    let places = Places::of_process();
    let located = match (asked, file.checkpoint()) {
        (Some(asked), _) => source::locate(asked, &places)?,
        (None, Some(checkpoint)) => source::locate(&checkpoint.data.parse()?, &places).map_err(|error| {
            error.help("this is the data that the file was trained on; name other data with --data SOURCE")
        })?,
        (None, None) => {
            return Err(Error::new(Kind::Data, "the file does not say which data it was trained on")
                .at(path)
                .help("name the data with --data SOURCE"));
        }
    };
    if let Some(note) = located.note() {
        output::note(&note);
    }
    Ok(located)
}
