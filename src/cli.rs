//! The command line: what was typed, and nothing of what it means.

pub mod train;
mod words;

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

pub use train::Train;
pub use words::{Format, ImageSet, Layers, LensName, MapFormat};

use crate::config::Word;
use crate::data::Source;

/// Options of `train` that the short help of the bare command lists too.
const MOST_USED: [&str; 7] = ["help", "version", "data", "train_size", "hidden", "epochs", "headless"];

const EXAMPLES: &str = "\
Without a command it trains and shows the dashboard; every option of `train` works without the word.

  weightscope                             the article's network on MNIST, or on the built-in digits
  weightscope --train-size 500            the article's own experiment
  weightscope view RUN/last.safetensors   look at a trained network
  weightscope help train                  all options";

/// Watch a neural network learn, node by node, in a terminal
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, args_override_self = true, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do; nothing = `train`.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options of `train`, for when its name is left out.
    #[command(flatten)]
    pub train: Train,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a network and show the dashboard; plain lines where stdout is not a terminal
    Train(Box<Train>),
    /// Show the dashboard over a trained network, without training
    View(View),
    /// Judge a model: accuracy, loss and confusion matrix on the test split
    Eval(Eval),
    /// Write the maps of a model's nodes as files
    Maps(Maps),
    /// Say what a model file or a run folder holds, and how far its maps can be trusted
    Inspect(Inspect),
    /// List, check and download datasets
    #[command(subcommand)]
    Data(Data),
    /// Check a config.ron, or print the documented default
    #[command(subcommand)]
    Config(Config),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// How the dashboard is shown.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Display")]
pub struct Display {
    /// How many colours to use: auto, truecolor, 256, 16, none
    #[arg(long, value_name = "COLORS", env = "WEIGHTSCOPE_COLOR", hide_env = true, value_parser = crate::config::Colors::parse)]
    pub color: Option<crate::config::Colors>,
    /// Write no characters but ASCII
    #[arg(long, env = "WEIGHTSCOPE_ASCII", hide_env = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub ascii: bool,
    /// Frames a second at most [default: 10, and 5 over SSH]
    #[arg(long, value_name = "N", env = "WEIGHTSCOPE_FPS", hide_env = true, value_parser = train::ranged::<u32>(&crate::config::check::FPS))]
    pub fps: Option<u32>,
}

/// Options of `view`.
#[derive(Debug, Args)]
pub struct View {
    /// A model file, or a run folder (its newest whole checkpoint)
    pub model: PathBuf,
    /// Settings of display and keys [default: ./config.ron, then the one in the user config folder]
    #[arg(long, value_name = "FILE", env = "WEIGHTSCOPE_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,
    /// Images to judge it on [default: the source recorded in the file]
    #[arg(long, value_name = "SOURCE", value_parser = Source::parse)]
    pub data: Option<Source>,
    /// How it is shown.
    #[command(flatten)]
    pub display: Display,
}

/// Options of `eval`.
#[derive(Debug, Args)]
pub struct Eval {
    /// A model file, or a run folder (its newest whole checkpoint)
    pub model: PathBuf,
    /// Images to judge it on [default: the source recorded in the file]
    #[arg(long, value_name = "SOURCE", value_parser = Source::parse)]
    pub data: Option<Source>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Options of `maps`.
#[derive(Debug, Args)]
pub struct Maps {
    /// A model file, or a run folder (its newest whole checkpoint)
    pub model: PathBuf,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Which layer, counted from 1
    #[arg(long, value_name = "N|all", default_value = "all", value_parser = words::parse_layers)]
    pub layer: Layers,
    /// Through which lens
    #[arg(long, value_enum, default_value_t)]
    pub lens: LensName,
    /// png: one contact sheet a layer; npy: grey levels and raw values as NumPy arrays
    #[arg(long, value_enum, default_value_t)]
    pub format: MapFormat,
    /// Which test images the gated lens looks at
    #[arg(long, value_enum, default_value_t)]
    pub set: ImageSet,
    /// Images for the lenses pattern, influence, gated and mean [default: the source recorded in the file]
    #[arg(long, value_name = "SOURCE", value_parser = Source::parse)]
    pub data: Option<Source>,
}

/// Options of `inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// A model file, or a run folder (its newest whole checkpoint)
    pub path: PathBuf,
    /// Images to judge it and its maps on [default: the source recorded in the file, if it is there]
    #[arg(long, value_name = "SOURCE", value_parser = Source::parse)]
    pub data: Option<Source>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Datasets.
#[derive(Debug, Subcommand)]
pub enum Data {
    /// Download a dataset and check its sums; a set that is there and right is not asked for again
    #[cfg(feature = "fetch")]
    Fetch {
        /// mnist, fashion-mnist or kmnist
        name: String,
        /// Where to download from instead of the known mirrors; the file name is appended; may repeat
        #[arg(long, value_name = "URL")]
        from: Vec<String>,
        /// Folder to write to [default: the user data folder]
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Check the four IDX files of a folder
    Verify {
        /// The folder [default: the places where MNIST is looked for]
        dir: Option<PathBuf>,
    },
    /// Say which datasets are found, and where
    List,
}

/// Configuration files.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Read a config.ron and say where it is wrong
    Check {
        /// The file [default: ./config.ron, then the one in the user config folder]
        file: Option<PathBuf>,
    },
    /// Print the default config.ron with its comments
    Default,
}

impl Cli {
    /// Reads the command line and the environment; on wrong usage prints what is wrong and ends the process with 2.
    #[must_use]
    pub fn read() -> Self {
        let matches = short_help().get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// The whole command line, for completions.
#[must_use]
pub fn complete() -> clap::Command {
    Cli::command()
}

/// The bare command takes the options of `train` too. Its help lists only some of them, in short, or nobody would find
/// the commands.
fn short_help() -> clap::Command {
    const NONE: Option<&str> = None;
    Cli::command().after_long_help(NONE).mut_args(|arg| {
        let takes_values = arg.get_action().takes_values();
        let arg = arg.long_help(NONE).hide_possible_values(takes_values);
        if MOST_USED.contains(&arg.get_id().as_str()) { arg.help_heading(NONE) } else { arg.hide(true) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn clap_finds_no_fault_in_the_definition() {
        short_help().debug_assert();
        complete().debug_assert();
    }

    #[test]
    fn the_options_of_train_work_without_its_name() {
        let bare = parse("weightscope --epochs 3 --hidden 32,16").unwrap();
        assert!(bare.command.is_none());
        assert_eq!(bare.train.epochs, Some(3));
        let Some(Command::Train(named)) = parse("weightscope train --epochs 3").unwrap().command else {
            panic!("not train");
        };
        assert_eq!(named.epochs, Some(3));
        assert!(parse("weightscope --epochs 3 eval model").is_err());
    }
}
