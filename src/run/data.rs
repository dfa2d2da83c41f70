//! `data list` and `data verify`.

use std::path::Path;

use super::{Outcome, output};
use crate::data::idx::Part;
use crate::data::known::Set;
use crate::data::mnist::{Folder, Identity, fetch_help, missing_error};
use crate::data::source::{Located, Places};
use crate::error::{Error, Kind, Result, printable};
use crate::report::grouped;

/// Prints each set that can be named, and where it is.
pub fn list() -> Result<Outcome> {
    let places = Places::of_process();
    let builtin = Located::builtin();
    let mut lines = vec![line("builtin", builtin.train_size, builtin.test_size, "drawn by weightscope itself")];
    for set in Set::ALL {
        lines.push(match places.find(set) {
            Ok(Some(folder)) => {
                let place = printable(&folder.dir.display().to_string());
                line(set.name(), folder.train_size(), folder.test_size(), &place)
            }
            Ok(None) => format!("{:14} not found: `weightscope data fetch {set}` downloads it", set.name()),
            Err(error) => format!("{:14} {error}", set.name()),
        });
    }
    output::print(&(lines.join("\n") + "\n"))
}

fn line(name: &str, train: usize, test: usize, place: &str) -> String {
    format!("{name:14} {:>7} + {:>6}  {place}", grouped(train as u64), grouped(test as u64))
}

/// Reads the four files of `dir`, or of the place where MNIST is found, to their ends.
pub fn verify(dir: Option<&Path>) -> Result<Outcome> {
    let folder = match dir {
        Some(dir) if !dir.is_dir() => return Err(Error::new(Kind::Data, "no such folder").at(dir)),
        Some(dir) => Folder::find(dir, Set::Mnist)?.ok_or_else(|| missing_error(dir, &Part::ALL, Set::Mnist))?,
        None => Places::of_process().find(Set::Mnist)?.ok_or_else(|| {
            Error::new(Kind::Data, "no MNIST found").help("name a folder: `weightscope data verify DIR`")
        })?,
    };
    let place = printable(&folder.dir.display().to_string());
    let counts = (grouped(folder.train_size() as u64), grouped(folder.test_size() as u64));
    match folder.verify()? {
        Identity::Whole(set) => output::print(&format!("{place}: {set}, whole\n")),
        Identity::Own => {
            let text = format!("{place}: no published set; {} + {} images in order\n", counts.0, counts.1);
            output::print(&text)
        }
        Identity::Partly(set, ours) => {
            let others: Vec<_> =
                Part::ALL.iter().zip(ours).filter(|(_, ours)| !ours).map(|(part, _)| part.file_name()).collect();
            Err(Error::new(Kind::Data, format!("not all files are {set}'s: {} differ", others.join(", ")))
                .at(&folder.dir)
                .help(fetch_help(set, &folder.dir)))
        }
    }
}
