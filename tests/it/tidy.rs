//! The rules of the house that no compiler checks.

use std::fs;
use std::path::{Path, PathBuf};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// Which rooms the code of a room may name; the floors in the docs of `src/lib.rs`, room by room.
const MAY_IMPORT: [(&str, &[&str]); 15] = [
    ("error", &[]),
    ("logging", &["error"]),
    ("simd", &[]),
    ("data", &["error"]),
    ("nn", &["error"]),
    ("session", &["error", "nn"]),
    ("train", &["error", "simd", "data", "nn", "session"]),
    ("lens", &["error", "simd", "data", "nn", "session"]),
    ("report", &["error", "session", "lens"]),
    ("export", &["error", "nn", "session", "lens"]),
    ("ui", &["error", "nn", "session", "lens"]),
    ("config", &["error", "data", "nn", "session", "train", "lens", "ui"]),
    ("cli", &["error", "data", "nn", "session", "train", "lens", "report", "export", "ui", "config"]),
    ("run", &["error", "logging", "data", "nn", "session", "train", "lens", "report", "export", "ui", "config", "cli"]),
    ("main", &["error", "ui", "cli", "run"]),
];

/// Every source file with the name of its room.
fn sources() -> Vec<(PathBuf, String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(SOURCE)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(SOURCE).unwrap();
                let room = inside.components().next().unwrap().as_os_str().to_str().unwrap();
                let room = room.trim_end_matches(".rs").to_owned();
                files.push((path.clone(), room, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(files.len() > 30, "the sources are where they should be");
    files
}

/// `text` without what stands behind `//`.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The rooms that `code` names as `crate::room`, also inside `crate::{…}`.
fn named_rooms(code: &str, prefix: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            rooms.extend(first_word(rest));
            continue;
        };
        let mut depth = 1;
        let mut start = 0;
        for (i, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if (c == ',' && depth == 1) || depth == 0 {
                rooms.extend(first_word(&group[start..i]));
                start = i + 1;
            }
            if depth == 0 {
                break;
            }
        }
    }
    rooms
}

fn first_word(text: &str) -> Option<String> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

#[test]
fn the_reader_of_imports_sees_groups_and_paths() {
    let code = "use crate::{error::{Error, Kind}, nn};\nlet x = crate::data::PIXELS;";
    assert_eq!(named_rooms(code, "crate::"), ["error", "nn", "data"]);
}

#[test]
fn imports_point_downwards() {
    let rooms: Vec<&str> = MAY_IMPORT.iter().map(|(room, _)| *room).collect();
    for (path, room, text) in sources() {
        if room == "lib" {
            continue;
        }
        let (_, allowed) = MAY_IMPORT.iter().find(|(name, _)| *name == room).unwrap_or_else(|| {
            panic!("{}: a room that {} does not know", path.display(), file!());
        });
        let prefix = if room == "main" { "weightscope::" } else { "crate::" };
        for named in named_rooms(&code(&text), prefix) {
            assert!(rooms.contains(&named.as_str()), "{}: names no room: crate::{named}", path.display());
            let right = named == room || allowed.contains(&named.as_str());
            assert!(right, "{}: {room} may not import {named}", path.display());
        }
    }
}

#[test]
fn only_the_screen_knows_the_terminal() {
    for (path, room, text) in sources() {
        let below = !matches!(room.as_str(), "ui" | "run" | "config" | "cli" | "main" | "lib");
        for library in ["ratatui::", "crossterm::"] {
            assert!(!(below && code(&text).contains(library)), "{}: {room} knows {library}", path.display());
        }
        let clap = code(&text).contains("clap::");
        assert!(!clap || room == "cli", "{}: only the room cli knows clap", path.display());
        let color_eyre = code(&text).contains("color_eyre::");
        assert!(!color_eyre || room == "main", "{}: errors are reported at the door", path.display());
    }
}

#[test]
fn the_map_in_the_crate_docs_shows_every_room() {
    let lib = fs::read_to_string(Path::new(SOURCE).join("lib.rs")).unwrap();
    let (docs, modules): (Vec<&str>, Vec<&str>) = lib.lines().partition(|l| l.starts_with("//!"));
    let floors: Vec<&str> = docs.into_iter().filter(|l| l.starts_with("//! floor ")).collect();
    assert_eq!(floors.len(), 6);
    for room in modules.iter().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')) {
        let on = floors.iter().filter(|f| f.split_whitespace().any(|word| word == room)).count();
        assert_eq!(on, 1, "{room} is on one floor");
        assert!(MAY_IMPORT.iter().any(|(name, _)| *name == room), "{room} has its rules");
    }
}

/// About 300 lines fit a reader's head; a table may need a few more.
const LONGEST: usize = 320;

#[test]
fn files_are_short_enough_to_read() {
    for (path, _, text) in sources() {
        if path.file_name().is_some_and(|n| n == "tests.rs") {
            continue;
        }
        let tests = text.lines().position(|l| l == "#[cfg(test)]").unwrap_or_else(|| text.lines().count());
        assert!(tests <= LONGEST, "{}: {tests} lines before its tests: split it by noun", path.display());
        let is_module_file = path.file_name().is_some_and(|n| n == "mod.rs");
        assert!(!is_module_file, "{}: modules are foo.rs beside foo/", path.display());
    }
}

#[test]
fn nothing_is_left_for_later() {
    for (path, _, text) in sources() {
        for word in ["todo!", "unimplemented!", "TODO", "FIXME", "XXX", "#[allow", "#![allow"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn the_readme_lists_the_keys_of_the_table() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = readme.split_once("<!-- keys").expect("the mark before the keys");
    let (_, rest) = rest.split_once("-->\n").expect("the end of the mark");
    let (list, _) = rest.split_once("<!-- /keys -->").expect("the mark behind the keys");
    let table = weightscope::ui::keys::markdown_table();
    assert_eq!(list, table, "put this between the marks in README.md:\n{table}");
}

#[test]
fn the_readme_names_every_command() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for command in weightscope::cli::complete().get_subcommands() {
        let name = format!("weightscope {}", command.get_name());
        assert!(readme.contains(&name), "README.md does not name `{name}`");
    }
}
