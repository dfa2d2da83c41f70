//! `config check`.

use std::path::Path;

use super::Outcome;
use super::output;
use crate::config::read;
use crate::error::{Result, printable};

/// Reads and checks `file`, or the one that would be used.
pub fn check(file: Option<&Path>) -> Result<Outcome> {
    let found = read::find(file)?;
    output::print(&match &found.file {
        Some((path, _)) => format!("{}: no fault found\n", printable(&path.display().to_string())),
        None => "no config.ron here or in the user config folder: the defaults are used\n".to_owned(),
    })
}
