//! Where data comes from: what the user asked for, and where it is found.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};

use crate::data::builtin::{self, Builtin};
use crate::data::dataset::Dataset;
use crate::data::idx::Part;
use crate::data::known::Set;
use crate::data::mnist::{Folder, folder_name, missing_error};
use crate::error::{Error, Kind, Result};

/// What `--data` names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Source {
    /// MNIST where it is found, else the built-in digits.
    #[default]
    Auto,
    /// The digits that weightscope draws itself.
    Builtin,
    /// MNIST from its known places.
    Mnist,
    /// Fashion-MNIST from its known places.
    FashionMnist,
    /// Kuzushiji-MNIST from its known places.
    Kmnist,
    /// A folder with the four IDX files.
    Folder(PathBuf),
}

impl Source {
    /// The published set that it names.
    #[must_use]
    pub fn set(&self) -> Option<Set> {
        match self {
            Self::Mnist => Some(Set::Mnist),
            Self::FashionMnist => Some(Set::FashionMnist),
            Self::Kmnist => Some(Set::Kmnist),
            Self::Auto | Self::Builtin | Self::Folder(_) => None,
        }
    }
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "" => {
                return Err(Error::new(Kind::Usage, "no data source is named")
                    .help("name auto, builtin, mnist, fashion-mnist, kmnist, or a folder with the four IDX files"));
            }
            "auto" => Self::Auto,
            "builtin" => Self::Builtin,
            "mnist" => Self::Mnist,
            "fashion-mnist" => Self::FashionMnist,
            "kmnist" => Self::Kmnist,
            folder => Self::Folder(folder.into()),
        })
    }
}

impl fmt::Display for Source {
    /// As the command line takes it. A folder that is called like a source gets `./` before it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Builtin => f.write_str("builtin"),
            Self::Mnist => f.write_str("mnist"),
            Self::FashionMnist => f.write_str("fashion-mnist"),
            Self::Kmnist => f.write_str("kmnist"),
            Self::Folder(path) => {
                let text = path.display().to_string();
                match text.parse() {
                    Ok(Self::Folder(_)) => f.write_str(&text),
                    _ => write!(f, "./{text}"),
                }
            }
        }
    }
}

impl TryFrom<String> for Source {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.to_string()
    }
}

/// The folders in which data is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `$WEIGHTSCOPE_MNIST`.
    pub mnist: Option<PathBuf>,
    /// The working folder; `data` in it is looked at.
    pub current: PathBuf,
    /// The user's data folder, `$XDG_DATA_HOME`; `weightscope` in it is looked at.
    pub user: Option<PathBuf>,
}

impl Places {
    /// The places of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            mnist: std::env::var_os("WEIGHTSCOPE_MNIST").filter(|path| !path.is_empty()).map(PathBuf::from),
            current: PathBuf::from("."),
            user: etcetera::base_strategy::Xdg::new().ok().map(|xdg| xdg.data_dir()),
        }
    }

    /// Where `set` is looked for, first to last.
    #[must_use]
    pub fn of(&self, set: Set) -> Vec<PathBuf> {
        let data = self.current.join("data");
        let mut places = Vec::new();
        if set == Set::Mnist {
            places.extend(self.mnist.clone());
            places.push(data.clone());
        }
        places.push(data.join(set.name()));
        places.extend(self.installed(set));
        places
    }

    /// Where `data fetch` puts `set`: its folder in the user's data folder.
    #[must_use]
    pub fn installed(&self, set: Set) -> Option<PathBuf> {
        self.user.as_ref().map(|user| user.join("weightscope").join(set.name()))
    }

    /// The first place that holds files of `set`.
    ///
    /// A place with none of the four files is passed over, unless it is the folder that `$WEIGHTSCOPE_MNIST` names and
    /// it exists. A place with some of them, or with damaged ones, is an error.
    pub fn find(&self, set: Set) -> Result<Option<Folder>> {
        for dir in self.of(set) {
            if let Some(folder) = Folder::find(&dir, set)? {
                return Ok(Some(folder));
            }
            if set == Set::Mnist && self.mnist.as_ref() == Some(&dir) && dir.exists() {
                return Err(missing_error(&dir, &Part::ALL, set));
            }
        }
        Ok(None)
    }
}

/// Data that was found, its presence and headers checked, not yet read.
#[derive(Debug, Clone)]
pub struct Located {
    /// Short name for the header; after reading, [`Dataset::name`] knows better.
    pub name: String,
    /// What finds the same data again when it is given to `--data`: `builtin`, or an absolute folder.
    pub source: String,
    /// Images in the training split.
    pub train_size: usize,
    /// Images in the test split.
    pub test_size: usize,
    origin: Origin,
    asked: Source,
    notes: Vec<String>,
}

/// Where the bytes come from.
#[derive(Debug, Clone)]
enum Origin {
    Builtin,
    Folder(Box<Folder>),
}

impl Located {
    /// The digits that weightscope draws itself.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            name: builtin::NAME.to_owned(),
            source: Source::Builtin.to_string(),
            train_size: builtin::TRAIN_SIZE,
            test_size: builtin::TEST_SIZE,
            origin: Origin::Builtin,
            asked: Source::Builtin,
            notes: Vec::new(),
        }
    }

    /// The set in `folder`, found for `asked`.
    fn folder(folder: Folder, asked: &Source) -> Result<Self> {
        let name = match asked.set() {
            Some(set) => set.name().to_owned(),
            None if *asked == Source::Auto && folder.has_mnist_size() => Set::Mnist.name().to_owned(),
            None => folder_name(&folder.dir),
        };
        let absolute = folder.dir.canonicalize().map_err(|error| Error::io(&folder.dir, "find the folder", &error))?;
        Ok(Self {
            name,
            source: absolute.to_string_lossy().into_owned(),
            train_size: folder.train_size(),
            test_size: folder.test_size(),
            notes: folder.doubles()?,
            origin: Origin::Folder(Box::new(folder)),
            asked: asked.clone(),
        })
    }

    /// Whether these are the built-in digits.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        matches!(self.origin, Origin::Builtin)
    }

    /// The folder of the files; `None` for the built-in digits.
    #[must_use]
    pub fn dir(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Builtin => None,
            Origin::Folder(folder) => Some(&folder.dir),
        }
    }

    /// What the user should know about the choice, if anything: why the built-in digits, which of two files.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        (!self.notes.is_empty()).then(|| self.notes.join("; "))
    }

    /// Verifies and reads the files, or draws the digits.
    pub fn load(&self) -> Result<Dataset> {
        match &self.origin {
            Origin::Builtin => Ok(Builtin::default().dataset()),
            Origin::Folder(folder) => folder.load(self.asked.set(), matches!(self.asked, Source::Folder(_))),
        }
    }
}

/// Finds the data that `source` means and checks that it is all there; reads headers only.
pub fn locate(source: &Source, places: &Places) -> Result<Located> {
    match source {
        Source::Builtin => Ok(Located::builtin()),
        Source::Auto => {
            if let Some(folder) = places.find(Set::Mnist)? {
                return Located::folder(folder, source);
            }
            let mut located = Located::builtin();
            let why = match &places.mnist {
                Some(dir) => format!("$WEIGHTSCOPE_MNIST is {}, which does not exist", dir.display()),
                None => "no MNIST found".to_owned(),
            };
            located.notes.push(format!("{} ({why}) - weightscope data fetch mnist", builtin::NAME));
            Ok(located)
        }
        Source::Mnist | Source::FashionMnist | Source::Kmnist => {
            let set = source.set().unwrap_or(Set::Mnist);
            match places.find(set)? {
                Some(folder) => Located::folder(folder, source),
                None => Err(not_found(set, places)),
            }
        }
        Source::Folder(dir) => match Folder::find(dir, set_of(dir))? {
            Some(folder) => Located::folder(folder, source),
            None if dir.is_dir() => Err(missing_error(dir, &Part::ALL, set_of(dir))),
            None => Err(Error::new(Kind::Data, "no such folder")
                .at(dir)
                .help("--data takes auto, builtin, mnist, fashion-mnist, kmnist, or a folder with the four IDX files")),
        },
    }
}

fn not_found(set: Set, places: &Places) -> Error {
    let searched: Vec<String> = places.of(set).iter().map(|dir| dir.display().to_string()).collect();
    Error::new(Kind::Data, format!("{set} is not found; looked in {}", searched.join(", ")))
        .help(format!("`weightscope data fetch {set}` downloads it; `--data builtin` needs no data"))
}

/// The set that the help for a damaged `dir` offers: the one that it is called after, else MNIST.
fn set_of(dir: &Path) -> Set {
    folder_name(dir).parse().unwrap_or(Set::Mnist)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::testing::write_set;

    fn places(root: &Path) -> Places {
        Places { mnist: None, current: root.join("work"), user: Some(root.join("user")) }
    }

    #[test]
    fn sources_are_read_back_as_they_are_shown() {
        for text in ["auto", "builtin", "mnist", "fashion-mnist", "kmnist", "some/folder", "./mnist"] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), text);
        }
        let folder = Source::Folder("mnist".into());
        assert_eq!(folder.to_string().parse::<Source>().unwrap(), Source::Folder("./mnist".into()));
        assert_eq!("".parse::<Source>().unwrap_err().exit_code(), 2);
        assert_eq!(serde_json::to_string(&Source::FashionMnist).unwrap(), "\"fashion-mnist\"");
        assert_eq!(serde_json::from_str::<Source>("\"x/y\"").unwrap(), Source::Folder("x/y".into()));
    }

    #[test]
    fn auto_takes_the_first_place_that_holds_files() {
        let root = tempfile::tempdir().unwrap();
        let mut places = places(root.path());
        let dirs =
            ["user/weightscope/mnist", "work/data/mnist", "work/data", "elsewhere"].map(|dir| root.path().join(dir));
        for (i, dir) in dirs.iter().enumerate() {
            let located = locate(&Source::Auto, &places).unwrap();
            assert_eq!(located.is_builtin(), i == 0);
            write_set(dir, 20 + i, 10);
            if dir.ends_with("elsewhere") {
                places.mnist = Some(dir.clone());
            }
            let located = locate(&Source::Auto, &places).unwrap();
            assert_eq!(located.dir(), Some(dir.as_path()));
            assert_eq!((located.train_size, located.test_size), (20 + i, 10));
            assert_eq!(located.note(), None);
            // What is recorded finds the same data from anywhere.
            let again =
                locate(&located.source.parse().unwrap(), &Places { current: "/".into(), ..places.clone() }).unwrap();
            assert_eq!(again.load().unwrap().train, located.load().unwrap().train);
        }
    }

    #[test]
    fn without_mnist_auto_says_how_to_get_it() {
        let root = tempfile::tempdir().unwrap();
        // A data folder with other things in it is no place of ours.
        std::fs::create_dir_all(root.path().join("work/data")).unwrap();
        std::fs::write(root.path().join("work/data/notes.txt"), "x").unwrap();
        let mut places = places(root.path());
        let located = locate(&Source::Auto, &places).unwrap();
        assert_eq!(located.source, "builtin");
        assert_eq!(located.note().unwrap(), "built-in digits (no MNIST found) - weightscope data fetch mnist");
        places.mnist = Some(root.path().join("nowhere"));
        let note = locate(&Source::Auto, &places).unwrap().note().unwrap();
        assert!(note.contains("nowhere, which does not exist"), "{note}");
        assert_eq!(locate(&Source::Builtin, &places).unwrap().note(), None);
    }

    #[test]
    fn a_place_that_is_incomplete_or_damaged_is_not_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let mut places = places(root.path());
        write_set(&root.path().join("user/weightscope/mnist"), 20, 10);
        let data = root.path().join("work/data");
        write_set(&data, 20, 10);
        for part in Part::ALL {
            let path = data.join(part.file_name());
            let bytes = std::fs::read(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            let error = locate(&Source::Auto, &places).unwrap_err();
            assert!(error.to_string().contains(&format!("{} is missing", part.file_name())), "{error}");
            assert!(error.remedy().unwrap().contains("weightscope data fetch mnist"));
            std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
            let error = locate(&Source::Auto, &places).unwrap_err();
            assert!(error.to_string().contains("cut short"), "{error}");
            assert_eq!(error.exit_code(), 1);
            std::fs::write(&path, &bytes).unwrap();
        }
        assert_eq!(locate(&Source::Auto, &places).unwrap().dir(), Some(data.as_path()));
        // The folder that the user named in the environment is not passed over when it is empty.
        let empty = root.path().join("empty");
        std::fs::create_dir(&empty).unwrap();
        places.mnist = Some(empty.clone());
        let error = locate(&Source::Auto, &places).unwrap_err();
        assert_eq!(error.path(), Some(empty.as_path()));
        assert!(error.to_string().contains("train-images-idx3-ubyte"), "{error}");
    }

    #[test]
    fn a_named_set_or_folder_that_is_not_there_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let places = places(root.path());
        for (source, wanted) in [
            (Source::Mnist, "looked in"),
            (Source::Kmnist, "kmnist"),
            (Source::Folder(root.path().join("none")), "no such folder"),
            (Source::Folder(root.path().to_owned()), "are missing"),
        ] {
            let error = locate(&source, &places).unwrap_err();
            assert!(error.to_string().contains(wanted), "{error}");
            assert_eq!(error.exit_code(), 1);
            assert!(error.remedy().is_some());
        }
    }

    #[test]
    fn clothes_have_their_names() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("work/data/fashion-mnist");
        write_set(&dir, 20, 10);
        let located = locate(&Source::FashionMnist, &places(root.path())).unwrap();
        assert_eq!(located.load().unwrap().class_names[9], "Ankle boot");
        let located = locate(&Source::Folder(dir), &places(root.path())).unwrap();
        assert_eq!(located.load().unwrap().class_names[0], "T-shirt/top");
    }
}
