//! A log file when one is asked for (`WEIGHTSCOPE_LOG=FILE`), nothing otherwise; never a line on the screen.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::error::{Error, Kind, Result};

/// Logs to `file` from now on, appending; without one nothing is logged. `filter` is a filter as in `RUST_LOG`
/// (`debug`, `weightscope::train=trace`); without one everything from `info` up is written.
pub fn start(file: Option<&OsStr>, filter: Option<&str>) -> Result<()> {
    let Some(path) = file.filter(|name| !name.is_empty()).map(Path::new) else { return Ok(()) };
    let filter = EnvFilter::try_new(filter.unwrap_or("info"))
        .map_err(|e| Error::new(Kind::Usage, format!("RUST_LOG: {e}")).help("for example RUST_LOG=debug"))?;
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|e| Error::io(path, "open the log file", &e).help("WEIGHTSCOPE_LOG names the file to log to"))?;
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(Mutex::new(log)).with_ansi(false).finish();
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|e| Error::new(Kind::Bug, format!("the log was started twice: {e}")))
}
