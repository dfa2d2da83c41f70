//! The one error type: what went wrong, where, and what to do about it.

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

/// A result whose error names its place.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it is; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A wrong command line.
    Usage,
    /// A wrong configuration file or environment variable.
    Config,
    /// A dataset that is missing, incomplete or damaged.
    Data,
    /// A model file or run folder that cannot be used.
    Model,
    /// Reading or writing a file failed.
    Disk,
    /// A download failed.
    Network,
    /// The loss or a weight is no longer finite.
    Numbers,
    /// The terminal cannot be used.
    Terminal,
    /// A panic that was caught: a fault of this program.
    Bug,
}

/// A failure with its place and its remedy.
///
/// Shown as `error: <path>[:line:column]: <what is wrong>` and, on a second line, `help: <what to do>`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", Place(.path.as_deref(), *.position))]
pub struct Error {
    kind: Kind,
    path: Option<PathBuf>,
    position: Option<(usize, usize)>,
    what: String,
    help: Option<String>,
}

impl Error {
    /// A failure of `kind`; `what` is a sentence without its full stop, in lower case.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, path: None, position: None, what: what.into(), help: None }
    }

    /// Reading or writing `path` failed in the operating system.
    pub fn io(path: impl Into<PathBuf>, doing: &str, error: &std::io::Error) -> Self {
        Self::new(Kind::Disk, format!("cannot {doing}: {error}")).at(path)
    }

    /// Names the file or folder at fault.
    #[must_use]
    pub fn at(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Names the line and column at fault, both counted from 1.
    #[must_use]
    pub fn position(mut self, line: usize, column: usize) -> Self {
        self.position = Some((line, column));
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same failure seen as another kind (a missing file is `Disk` to the reader, `Data` to its caller).
    #[must_use]
    pub fn as_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// What sort of failure it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What to do about it, if anything is known.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The file or folder at fault.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The process's exit code: 2 for usage and configuration, 101 for a bug, 1 for the rest.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Usage | Kind::Config => 2,
            Kind::Bug => 101,
            _ => 1,
        }
    }
}

struct Place<'a>(Option<&'a Path>, Option<(usize, usize)>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(path) = self.0 else { return Ok(()) };
        write!(f, "{}:", printable(&path.display().to_string()))?;
        if let Some((line, column)) = self.1 {
            write!(f, "{line}:{column}:")?;
        }
        f.write_str(" ")
    }
}

/// `text` with its control characters spelt out (`\x1b`), so that nothing from outside reaches the terminal raw.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_file_line_and_column_before_the_failure() {
        let error = Error::new(Kind::Config, "unknown field `learnig_rate`")
            .at("config.ron")
            .position(7, 5)
            .help("did you mean `learning_rate`?");
        assert_eq!(error.to_string(), "config.ron:7:5: unknown field `learnig_rate`");
        assert_eq!(error.remedy(), Some("did you mean `learning_rate`?"));
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn spells_out_control_characters_of_a_path() {
        let error = Error::new(Kind::Data, "no such folder").at("a\x1b[2Jb");
        assert_eq!(error.to_string(), "a\\x1b[2Jb: no such folder");
    }
}
