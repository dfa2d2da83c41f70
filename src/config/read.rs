//! Finding config.ron, reading it, and saying where it is wrong.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;

use super::check::{self, Problem};
use super::{Config, place};
use crate::error::{Error, Kind, Result, printable};

/// No honest config.ron is larger, in bytes.
const MAX_SIZE: u64 = 1 << 20;
/// Longer lines are cut where they are shown.
const SHOWN: usize = 100;
const SAMPLE: &str = "`weightscope config default > config.ron` writes a sample with every setting";

/// A configuration and the file that it came from, if there was one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// What the file says, with defaults for the rest.
    pub config: Config,
    /// The file and its text.
    pub file: Option<(PathBuf, String)>,
}

impl Found {
    /// `problem` as an error at its place in the file.
    #[must_use]
    pub fn error(&self, problem: &Problem) -> Error {
        match &self.file {
            Some((path, text)) => problem_in(text, problem).at(path),
            None => wrong_value(problem),
        }
    }
}

/// The file asked for, else `./config.ron`, else the one in the user config folder, else the defaults.
pub fn find(asked: Option<&Path>) -> Result<Found> {
    if let Some(path) = asked {
        return load(path);
    }
    let user = etcetera::choose_base_strategy().ok().map(|dirs| dirs.config_dir().join("weightscope/config.ron"));
    let places = [Some(PathBuf::from("config.ron")), user];
    match places.into_iter().flatten().find(|path| path.exists()) {
        Some(path) => load(&path),
        None => Ok(Found::default()),
    }
}

/// Reads and checks one file.
pub fn load(path: &Path) -> Result<Found> {
    let text = text_of(path)?;
    let config = parse(&text).map_err(|error| error.at(path))?;
    Ok(Found { config, file: Some((path.into(), text)) })
}

fn text_of(path: &Path) -> Result<String> {
    let failed = |error: &std::io::Error| {
        Error::new(Kind::Config, format!("cannot read the configuration: {error}")).at(path).help(SAMPLE)
    };
    let refused = |what: &str| Err(Error::new(Kind::Config, what).at(path).help(SAMPLE));
    // Looked at before it is opened: opening a pipe would wait for its other end.
    let about = std::fs::metadata(path).map_err(|e| failed(&e))?;
    if !about.is_file() {
        return refused("the configuration is not a regular file");
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|f| f.take(MAX_SIZE + 1).read_to_end(&mut bytes)).map_err(|e| failed(&e))?;
    if bytes.len() as u64 > MAX_SIZE {
        return refused("the configuration is larger than 1 MB");
    }
    String::from_utf8(bytes).or_else(|_| refused("the configuration is not UTF-8 text"))
}

/// Reads and checks the text of a config.ron; errors have a position but no path.
pub fn parse(text: &str) -> Result<Config> {
    let config = options().from_str(text).map_err(|error| explain(text, &error))?;
    check::check(&config).map_err(|problem| problem_in(text, &problem))?;
    Ok(config)
}

/// The text of a config.ron that [`parse`] reads back to `config`.
pub fn print(config: &Config) -> Result<String> {
    let pretty = PrettyConfig::new().depth_limit(2).struct_names(false);
    let text = options().to_string_pretty(config, pretty);
    text.map(|t| t + "\n").map_err(|e| Error::new(Kind::Config, format!("cannot write the configuration: {e}")))
}

fn options() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

/// ron's error with the key at fault, what it may be, and what was probably meant.
fn explain(text: &str, error: &ron::error::SpannedError) -> Error {
    use ron::Error as Ron;

    let start = place::offset(text, error.span.start.line, error.span.start.col);
    let entries = place::entries(text);
    match &error.code {
        Ron::NoSuchStructField { expected, found, .. } => {
            let at = entries.iter().find(|e| text[e.key.clone()] == **found && e.value.end >= start);
            let what = format!("unknown field `{}`", printable(found));
            wrong(text, at.map_or(start, |e| e.key.start), what).help(meant(expected, found))
        }
        Ron::NoSuchEnumVariant { expected, found, .. } => {
            let key = place::enclosing(&entries, start);
            let at = key.map_or(start, |e| e.value.start);
            let name = key.map_or("value", |e| last(&e.path));
            wrong(text, at, format!("{name}: unknown name `{}`", printable(found))).help(meant(expected, found))
        }
        Ron::MissingStructField { field, .. } => wrong(text, start, format!("`{field}` is missing here")),
        Ron::DuplicateStructField { field, .. } => wrong(text, start, format!("`{field}` is written twice")),
        code if is_type_error(code) || place::inside_word(text, start) => {
            let key = place::enclosing(&entries, start);
            match key.and_then(|e| Some((e, check::allowed(&e.path)?))) {
                Some((entry, allowed)) => {
                    let found = shown(&text[entry.value.clone()]);
                    let what = format!("{}: {found} is not allowed", last(&entry.path));
                    wrong(text, entry.value.start, what).help(format!("expected {allowed}"))
                }
                None => wrong(text, start, lower(&code.to_string())).help(SAMPLE),
            }
        }
        code => wrong(text, start, lower(&code.to_string())).help(SAMPLE),
    }
}

/// Whether the text is right as RON but not as the value of its key.
fn is_type_error(code: &ron::Error) -> bool {
    use ron::Error as Ron;
    matches!(
        code,
        Ron::Message(_)
            | Ron::ExpectedArray
            | Ron::ExpectedBoolean
            | Ron::ExpectedFloat
            | Ron::ExpectedInteger
            | Ron::ExpectedIdentifier
            | Ron::ExpectedMap
            | Ron::ExpectedString
            | Ron::ExpectedOption
            | Ron::ExpectedNamedStructLike(_)
            | Ron::ExpectedStructLike
            | Ron::IntegerOutOfBounds
            | Ron::InvalidIntegerDigit { .. }
            | Ron::InvalidValueForType { .. }
            | Ron::UnexpectedChar(_)
            | Ron::UnderscoreAtBeginning
            | Ron::FloatUnderscore
    )
}

fn problem_in(text: &str, problem: &Problem) -> Error {
    let entries = place::entries(text);
    match entries.iter().find(|e| e.path == problem.key) {
        Some(entry) => {
            let error = wrong(text, entry.value.start, format!("{}: {}", problem.name(), problem.what));
            error.help(remedy(problem))
        }
        None => wrong_value(problem),
    }
}

/// `problem` as an error without a place: it did not come from a file.
#[must_use]
pub fn wrong_value(problem: &Problem) -> Error {
    Error::new(Kind::Config, format!("{}: {}", problem.name(), problem.what)).help(remedy(problem))
}

fn remedy(problem: &Problem) -> String {
    let allowed = || check::allowed(&problem.key).map(|allowed| format!("expected {allowed}"));
    problem.help.clone().or_else(allowed).unwrap_or_else(|| SAMPLE.into())
}

/// An error at the byte `offset`, with the line that it is in and a mark below.
fn wrong(text: &str, offset: usize, what: impl std::fmt::Display) -> Error {
    let (line, column) = place::line_and_column(text, offset);
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let content: String = text.lines().nth(line - 1).unwrap_or("").chars().take(SHOWN).collect();
    let content = printable(&content.replace('\t', " "));
    let mark = if column <= SHOWN { format!("\n  {margin} | {}^", " ".repeat(column - 1)) } else { String::new() };
    Error::new(Kind::Config, format!("{what}\n  {number} | {content}{mark}")).position(line, column)
}

fn meant(expected: &[&str], found: &str) -> String {
    let nearest = expected.iter().map(|name| (strsim::damerau_levenshtein(name, found), name)).min();
    match nearest {
        Some((distance, name)) if distance <= 1 + found.len() / 3 => format!("did you mean `{name}`?"),
        _ => format!("expected one of {}", expected.join(", ")),
    }
}

fn shown(value: &str) -> String {
    let line: String = value.lines().next().unwrap_or("").chars().take(40).collect();
    printable(&line)
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// ron's messages begin with a capital; ours do not.
fn lower(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::DEFAULT;
    use crate::nn::{Activation, Optimizer};

    /// The message and the help for the shipped file with `from` replaced by `to`.
    fn refused(from: &str, to: &str) -> String {
        assert!(DEFAULT.contains(from), "{from}");
        let error = parse(&DEFAULT.replacen(from, to, 1)).unwrap_err().at("C");
        assert_eq!(error.exit_code(), 2);
        format!("{error}\n{}", error.remedy().unwrap_or("no help"))
    }

    #[test]
    fn the_shipped_file_is_the_default() {
        assert_eq!(parse(DEFAULT).unwrap(), Config::default());
    }

    #[test]
    fn only_what_differs_needs_to_be_written() {
        let text =
            "(training: (epochs: 2, threads: 3, optimizer: Adam(learning_rate: 0.01)), network: (activation: Tanh))";
        let config = parse(text).unwrap();
        assert_eq!((config.training.epochs, config.training.threads), (2, Some(3)));
        assert_eq!(config.network.activation, Activation::Tanh);
        assert!(matches!(config.training.optimizer, Optimizer::Adam { beta1: 0.9, .. }));
        assert_eq!(config.training.batch_size, 128);
        assert_eq!(parse("()").unwrap(), Config::default());
        assert_eq!(parse("(keys: {\"quit\": \"Q\", \"help\": [\"?\", \"f1\"]})").unwrap().keys.len(), 2);
    }

    #[test]
    fn a_missing_comma_is_found_where_the_next_value_begins() {
        assert_eq!(
            refused("source: \"auto\",", "source: \"auto\""),
            format!("C:7:9: expected comma\n  7 |         train_size: None,\n    |         ^\n{SAMPLE}")
        );
    }

    #[test]
    fn a_misspelt_field_is_named_with_the_one_that_was_meant() {
        let error = refused("learning_rate", "learnig_rate");
        assert!(error.contains(": unknown field `learnig_rate`\n"), "{error}");
        assert!(error.ends_with("did you mean `learning_rate`?"), "{error}");
        let error = refused("batch_size: 128", "batchsize: 128");
        assert!(error.contains(":9: unknown field `batchsize`\n") && error.contains("`batch_size`?"), "{error}");
        let error = refused("network: (", "nonsense: (");
        assert!(error.ends_with("expected one of data, network, training, run, display, keys"), "{error}");
    }

    #[test]
    fn wrong_values_are_named_with_line_and_range() {
        let line = |key: &str| DEFAULT.lines().position(|l| l.trim_start().starts_with(key)).unwrap() + 1;
        for (key, from, to, allowed) in [
            ("batch_size", "batch_size: 128", "batch_size: 0", "from 1 to 65536"),
            ("batch_size", "batch_size: 128", "batch_size: \"abc\"", "from 1 to 65536"),
            ("batch_size", "batch_size: 128", "batch_size: -3", "from 1 to 65536"),
            ("batch_size", "batch_size: 128", "batch_size: 1.5", "from 1 to 65536"),
            ("batch_size", "batch_size: 128", "batch_size: 1e99", "from 1 to 65536"),
            ("batch_size", "batch_size: 128", "batch_size: 99999999999999999999999", "from 1 to 65536"),
            ("learning_rate", "learning_rate: 0.001", "learning_rate: 0", "above 0, at most 1000000"),
            ("learning_rate", "learning_rate: 0.001", "learning_rate: 2e9", "above 0, at most 1000000"),
            ("learning_rate", "learning_rate: 0.001", "learning_rate: NaN", "above 0, at most 1000000"),
            ("learning_rate", "learning_rate: 0.001", "learning_rate: \"x\"", "above 0, at most 1000000"),
            ("epochs", "epochs: 6", "epochs: \"x\"", "from 1 to 1000000"),
            ("epochs", "epochs: 6", "epochs: None", "from 1 to 1000000"),
            ("activation", "activation: Relu", "activation: Swish", "Relu, Tanh, Sigmoid"),
            ("activation", "activation: Relu", "activation: \"relu\"", "Relu, Tanh or Sigmoid"),
            ("hidden", "hidden: [512, 256]", "hidden: 512", "a list of at most 32 widths"),
            ("hidden", "hidden: [512, 256]", "hidden: [512, -1]", "a list of at most 32 widths"),
            ("seed", "seed: 1", "seed: -1", "from 0 to 18446744073709551615"),
            ("threads", "threads: None", "threads: 0", "from 1 to 1024"),
            ("pace", "pace: \"auto\"", "pace: \"slow\"", "`auto`, `max`, or a number"),
            ("pace", "pace: \"auto\"", "pace: 12", "`auto`, `max`, or a number"),
            ("checkpoint_every", "every: \"1epoch\"", "every: \"1\"", "`500steps`"),
            ("color", "color: \"auto\"", "color: \"pink\"", "`truecolor`"),
            ("ascii", "ascii: false", "ascii: 1", "true or false"),
            ("lens", "lens: Plain", "lens: plain", "did you mean `Plain`?"),
            ("map_size", "map_size: None", "map_size: 27", "28, 24, 20 or 14"),
        ] {
            let error = refused(from, to);
            let at = if key == "learning_rate" { line("optimizer: ") } else { line(&format!("{key}: ")) };
            assert!(error.starts_with(&format!("C:{at}:")), "{to}: line {at}: {error}");
            assert!(error.contains(&format!(": {key}: ")), "{to}: {error}");
            assert!(error.contains(allowed), "{to}: {error}");
        }
    }

    #[test]
    fn a_network_beyond_all_memory_is_refused_by_name() {
        let error = refused("hidden: [512, 256]", "hidden: [50000, 50000]");
        assert!(error.contains("hidden: [50000, 50000] would take 50.9 GB of memory"), "{error}");
    }

    #[test]
    fn keys_are_checked_at_their_place() {
        let error = refused("keys: {}", "keys: {\"quit\": \"v\"}");
        assert!(error.contains("quit: key `v` is given to both"), "{error}");
        let line = DEFAULT.lines().position(|l| l.contains("keys: {}")).unwrap() + 1;
        assert!(error.starts_with(&format!("C:{line}:20: ")), "{error}");
        assert!(refused("keys: {}", "keys: {\"quti\": \"Q\"}").contains("the actions are next-tab, "));
        assert!(refused("keys: {}", "keys: {\"quit\": 7}").contains("a key such as"));
    }

    #[test]
    fn the_example_of_keys_in_the_shipped_file_is_right() {
        let comment = DEFAULT.lines().find(|l| l.contains("{\"")).unwrap();
        let example = &comment[comment.find('{').unwrap()..=comment.rfind('}').unwrap()];
        assert_eq!(parse(&DEFAULT.replace("keys: {}", &format!("keys: {example}"))).unwrap().keys.len(), 2);
    }

    #[test]
    fn control_characters_of_a_file_stay_out_of_the_terminal() {
        let error = parse("(da\x1b[2Jta: 1)").unwrap_err().to_string();
        assert!(!error.contains('\x1b'), "{error:?}");
    }

    #[test]
    fn folders_and_pipes_are_not_configurations() {
        let folder = tempfile::tempdir().unwrap();
        let error = load(folder.path()).unwrap_err();
        assert!(error.to_string().ends_with(": the configuration is not a regular file"), "{error}");
        let error = load(&folder.path().join("nope.ron")).unwrap_err();
        assert!(error.to_string().contains("nope.ron") && error.remedy().unwrap().contains("config default"));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(
            hidden in prop::collection::vec(1..300_usize, 0..4),
            threads in prop::option::of(1..9_usize),
            learning_rate in 1e-6..10_f32,
            every in 1..9999_u64,
        ) {
            let mut config = Config::default();
            config.network.hidden = hidden;
            config.training.threads = threads;
            config.training.optimizer = Optimizer::Sgd { learning_rate };
            config.run.checkpoint_every = crate::train::worker::Every::Steps(every);
            let text = print(&config).unwrap();
            prop_assert_eq!(parse(&text).unwrap(), config);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[(){}\\[\\]:,\"#/ \naé0-9]{0,40}", from in 0..400_usize) {
            let _ = parse(&text);
            let mut broken: String = DEFAULT.chars().take(from).collect();
            broken.push_str(&text);
            let _ = parse(&broken);
        }
    }
}
