//! The words that the command line and config.ron share: `--pace max` and `pace: "max"` are read by the same few lines.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serializer, de};

use super::check;
use crate::data::Source;
use crate::session::Pace;
use crate::train::worker::Every;
use crate::ui::palette::Depth;

/// A value that is written as one word, alike on the command line and in quotes in config.ron.
pub trait Word: Sized {
    /// What may be written, for messages.
    const ALLOWED: &str;

    /// Reads the word; the error says what would have been right.
    fn parse(word: &str) -> Result<Self, String>;

    /// The word that [`Word::parse`] reads back to the same value.
    fn show(&self) -> String;
}

/// For `#[serde(with = "words")]`.
pub fn deserialize<'de, T: Word, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// For `#[serde(with = "words")]`.
pub fn serialize<T: Word, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.show())
}

/// Where a run is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Out {
    /// In the user state folder.
    #[default]
    Auto,
    /// Nowhere.
    Nowhere,
    /// In this folder.
    Folder(PathBuf),
}

/// How many colours to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colors {
    /// What the terminal seems to have.
    #[default]
    Auto,
    /// So many, whatever the terminal says.
    Depth(Depth),
}

impl Word for Source {
    const ALLOWED: &str = "`auto`, `builtin`, `mnist`, `fashion-mnist`, `kmnist`, or a folder with the four IDX files";

    fn parse(word: &str) -> Result<Self, String> {
        word.parse().map_err(|_| format!("expected {}", Self::ALLOWED))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Word for Pace {
    const ALLOWED: &str = "`lockstep N`, `auto`, `max`, or a number of steps a second from 0.01 to 1000000";

    fn parse(word: &str) -> Result<Self, String> {
        match word {
            "auto" => Ok(Self::Auto),
            "max" => Ok(Self::Max),
            _ => {
                let steps = word.parse().ok().filter(|steps| (0.01..=1e6).contains(steps)).map(Self::Steps);
                let lockstep = word.strip_prefix("lockstep ").and_then(|steps| steps.parse().ok());
                let lockstep = lockstep.filter(|steps| check::LOCKSTEP.contains(steps)).map(Self::Lockstep);
                steps.or(lockstep).ok_or_else(|| format!("expected {}", Self::ALLOWED))
            }
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Auto => "auto".into(),
            Self::Max => "max".into(),
            Self::Steps(steps) => steps.to_string(),
            Self::Lockstep(steps) => format!("lockstep {steps}"),
        }
    }
}

impl Word for Out {
    const ALLOWED: &str = "`auto`, `none`, or a folder";

    fn parse(word: &str) -> Result<Self, String> {
        Ok(match word {
            "" => return Err(format!("expected {}", Self::ALLOWED)),
            "auto" => Self::Auto,
            "none" => Self::Nowhere,
            folder => Self::Folder(folder.into()),
        })
    }

    fn show(&self) -> String {
        match self {
            Self::Auto => "auto".into(),
            Self::Nowhere => "none".into(),
            Self::Folder(folder) => folder.display().to_string(),
        }
    }
}

impl Word for Every {
    const ALLOWED: &str = "a number with its unit (`1epoch`, `500steps`), or `never`";

    fn parse(word: &str) -> Result<Self, String> {
        if word == "never" {
            return Ok(Self::Never);
        }
        let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        let (count, unit) = word.split_at(digits);
        match (count.parse::<u64>(), unit) {
            (Ok(n @ 1..), "epoch" | "epochs") => Ok(Self::Epochs(n)),
            (Ok(n @ 1..), "step" | "steps") => Ok(Self::Steps(n)),
            _ => Err(format!("expected {}", Self::ALLOWED)),
        }
    }

    fn show(&self) -> String {
        let plural = |n: u64| if n == 1 { "" } else { "s" };
        match *self {
            Self::Epochs(n) => format!("{n}epoch{}", plural(n)),
            Self::Steps(n) => format!("{n}step{}", plural(n)),
            Self::Never => "never".into(),
        }
    }
}

impl Word for Colors {
    const ALLOWED: &str = "`auto`, `truecolor`, `256`, `16`, or `none`";

    fn parse(word: &str) -> Result<Self, String> {
        Ok(match word {
            "auto" => Self::Auto,
            "truecolor" => Self::Depth(Depth::TrueColor),
            "256" => Self::Depth(Depth::Ansi256),
            "16" => Self::Depth(Depth::Ansi16),
            "none" => Self::Depth(Depth::None),
            _ => return Err(format!("expected {}", Self::ALLOWED)),
        })
    }

    fn show(&self) -> String {
        match self {
            Self::Auto => "auto",
            Self::Depth(Depth::TrueColor) => "truecolor",
            Self::Depth(Depth::Ansi256) => "256",
            Self::Depth(Depth::Ansi16) => "16",
            Self::Depth(Depth::None) => "none",
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back<T: Word + PartialEq + std::fmt::Debug>(value: &T) {
        assert_eq!(T::parse(&value.show()).as_ref(), Ok(value));
    }

    #[test]
    fn every_word_reads_back_to_its_value() {
        for word in ["auto", "builtin", "mnist", "fashion-mnist", "kmnist", "../my set"] {
            assert_eq!(Source::parse(word).unwrap().show(), word);
        }
        for word in ["auto", "none", "runs/1"] {
            assert_eq!(Out::parse(word).unwrap().show(), word);
        }
        for word in ["auto", "truecolor", "256", "16", "none"] {
            assert_eq!(Colors::parse(word).unwrap().show(), word);
        }
        for pace in [Pace::Auto, Pace::Max, Pace::Steps(0.5), Pace::Lockstep(50)] {
            there_and_back(&pace);
        }
    }

    #[test]
    fn checkpoint_intervals_have_a_number_and_a_unit() {
        assert_eq!(Every::parse("1epoch"), Ok(Every::Epochs(1)));
        assert_eq!(Every::parse("500steps"), Ok(Every::Steps(500)));
        assert_eq!(Every::parse("never"), Ok(Every::Never));
        for wrong in ["", "epoch", "0steps", "-1steps", "5", "5 steps", "1.5epochs", "99999999999999999999steps"] {
            assert!(Every::parse(wrong).unwrap_err().contains("`500steps`"), "{wrong}");
        }
    }

    #[test]
    fn a_pace_is_above_zero_and_finite() {
        for wrong in ["0", "-1", "NaN", "inf", "1e9", "fast", "", "lockstep", "lockstep 0", "lockstep 0.5"] {
            assert!(Pace::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn intervals_and_paces_survive_being_written(n in 1..u64::MAX, steps in 0.01..1e6_f64) {
            there_and_back(&Every::Epochs(n));
            there_and_back(&Every::Steps(n));
            there_and_back(&Pace::Steps(steps));
        }
    }
}
