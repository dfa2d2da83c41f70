//! Who is called for what was asked: one function a command, and the one place that knows all rooms.

pub mod config;
pub mod dashboard;
pub mod data;
pub mod eval;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod headless;
pub mod inspect;
pub mod maps;
pub mod model;
pub mod output;
pub mod resume;
pub mod train;
pub mod view;

use std::time::Instant;

pub use output::Outcome;

use crate::cli::{self, Cli, Command};
use crate::error::Result;
use crate::logging;

/// Does what the command line asks for. `started` is the start of the process.
pub fn run(cli: Cli, started: Instant) -> Result<Outcome> {
    output::meet_full_files_as_errors();
    logging::start(std::env::var_os("WEIGHTSCOPE_LOG").as_deref(), std::env::var("RUST_LOG").ok().as_deref())?;
    match cli.command {
        None => train::train(&cli.train, started),
        Some(Command::Train(given)) => train::train(&given, started),
        Some(Command::View(given)) => view::view(&given),
        Some(Command::Eval(given)) => eval::eval(&given),
        Some(Command::Maps(given)) => maps::maps(&given),
        Some(Command::Inspect(given)) => inspect::inspect(&given),
        #[cfg(feature = "fetch")]
        Some(Command::Data(cli::Data::Fetch { name, from, dir })) => data::fetch(&name, &from, dir),
        Some(Command::Data(cli::Data::List)) => data::list(),
        Some(Command::Data(cli::Data::Verify { dir })) => data::verify(dir.as_deref()),
        Some(Command::Config(cli::Config::Check { file })) => config::check(file.as_deref()),
        Some(Command::Config(cli::Config::Default)) => output::print(crate::config::DEFAULT),
        Some(Command::Completions { shell }) => completions(shell),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Outcome> {
    // Into memory first: clap panics when it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::complete(), "weightscope", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
