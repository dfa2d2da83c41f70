//! Every key, declared once: the defaults, the names in config.ron, the help screen, the hints in the status line and the
//! list in the README all come from [`TABLE`].

pub mod action;
pub mod chord;
pub mod row;
pub mod table;

use std::collections::{BTreeMap, HashMap};

pub use action::Action;
pub use chord::Chord;
pub use row::{Bind, Group, Hint, Row, When};
pub use table::{TABLE, binds};

use crate::error::{Error, Kind, Result};

/// Which key does what: the defaults, changed by config.ron.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMap {
    by_chord: HashMap<Chord, Action>,
    by_action: HashMap<Action, Vec<Chord>>,
}

impl Default for KeyMap {
    fn default() -> Self {
        let mut map = Self { by_chord: HashMap::new(), by_action: HashMap::new() };
        for bind in binds() {
            // The table is constant and a test reads every chord of it, so none is passed over here.
            map.set(bind.action, bind.defaults.iter().filter_map(|chord| chord.parse().ok()).collect());
        }
        map
    }
}

impl KeyMap {
    /// The defaults with the actions that `config` names given other keys. An empty list takes an action's keys away.
    ///
    /// # Errors
    /// [`Kind::Config`] when an action or a key is unknown, when a key is given to two actions, or when nothing is left
    /// that quits.
    pub fn from_config(config: &BTreeMap<String, Vec<String>>) -> Result<Self> {
        let mut map = Self::default();
        for (name, chords) in config {
            let Some(bind) = binds().find(|bind| bind.name == name) else {
                let names: Vec<_> = binds().map(|bind| bind.name).collect();
                return Err(Error::new(Kind::Config, format!("unknown action `{name}` in `keys`"))
                    .help(format!("the actions are {}", names.join(", "))));
            };
            let chords = chords.iter().map(|text| text.parse()).collect::<Result<Vec<Chord>, _>>().map_err(|what| {
                Error::new(Kind::Config, format!("{what} (`keys`, action `{name}`)"))
                    .help("keys are written like \"q\", \"R\", \"ctrl-l\", \"shift-tab\", \"pgdn\", \"space\", \"f5\"")
            })?;
            map.set(bind.action, chords);
        }
        map.check()?;
        Ok(map)
    }

    /// What a key does.
    #[must_use]
    pub fn action(&self, chord: Chord) -> Option<Action> {
        self.by_chord.get(&chord).copied()
    }

    /// The keys of an action.
    #[must_use]
    pub fn chords(&self, action: Action) -> &[Chord] {
        self.by_action.get(&action).map_or(&[], Vec::as_slice)
    }

    fn set(&mut self, action: Action, chords: Vec<Chord>) {
        self.by_action.insert(action, chords);
        self.by_chord =
            self.by_action.iter().flat_map(|(action, chords)| chords.iter().map(|chord| (*chord, *action))).collect();
    }

    fn check(&self) -> Result<()> {
        let mut taken: HashMap<Chord, &str> = HashMap::new();
        for bind in binds() {
            for chord in self.chords(bind.action) {
                if let Some(other) = taken.insert(*chord, bind.name).filter(|other| *other != bind.name) {
                    return Err(Error::new(
                        Kind::Config,
                        format!("key `{chord}` is given to both `{other}` and `{}` in `keys`", bind.name),
                    )
                    .help(format!("give `{other}` another key, or none: `\"{other}\": []`")));
                }
            }
        }
        if self.chords(Action::Quit).is_empty() && self.chords(Action::Interrupt).is_empty() {
            return Err(Error::new(Kind::Config, "no key is left that quits, in `keys`")
                .help("give `quit` or `interrupt` a key"));
        }
        Ok(())
    }

    /// The keys of a row as the help screen shows them: `Tab  Shift-Tab`, `1 … 9`, `← ↓ ↑ →  h j k l`.
    #[must_use]
    pub fn row_label(&self, row: &Row, ascii: bool) -> String {
        let nth = |n: usize| -> Vec<String> {
            row.binds
                .iter()
                .filter_map(|bind| self.chords(bind.action).get(n))
                .map(|chord| chord.label(ascii))
                .collect()
        };
        let mut columns: Vec<String> = Vec::new();
        for n in 0.. {
            let labels = nth(n);
            match labels.as_slice() {
                [] => break,
                [first, .., last] if labels.len() > 4 => {
                    columns.push(format!("{first} {} {last}", if ascii { ".." } else { "…" }));
                }
                _ => columns.push(labels.join(" ")),
            }
        }
        columns.join("  ")
    }

    /// The keys of a row as the status line shows them: only the first of each action, and of a pair of pages one.
    #[must_use]
    pub fn hint_label(&self, row: &Row, ascii: bool) -> Option<String> {
        let labels: Vec<_> = row
            .binds
            .iter()
            .filter_map(|bind| self.chords(bind.action).first())
            .map(|chord| chord.label(ascii))
            .collect();
        let short = labels.iter().all(|label| label.chars().count() == 1);
        match labels.as_slice() {
            [] => None,
            // `v` tells enough of `v` and `V`.
            [first, second] if first.eq_ignore_ascii_case(second) => Some(first.clone()),
            _ if short => Some(labels.concat()),
            [first, ..] if labels.len() <= 2 => Some(first.clone()),
            _ => Some(labels.join(" ")),
        }
    }
}

/// The table of the README: keys, what they do, names in config.ron.
#[must_use]
pub fn markdown_table() -> String {
    let keys = KeyMap::default();
    let line = |row: &Row| {
        let label = keys.row_label(row, false);
        let chords: Vec<_> =
            label.split_whitespace().map(|key| if key == "…" { key.to_owned() } else { format!("`{key}`") }).collect();
        let names: Vec<_> = match row.binds {
            [first, .., last] if row.binds.len() > 4 => vec![format!("`{}` … `{}`", first.name, last.name)],
            binds => binds.iter().map(|bind| format!("`{}`", bind.name)).collect(),
        };
        format!("| {} | {} | {} |\n", chords.join(" "), row.help, names.join(", "))
    };
    let head = "| key | does | name in `config.ron` |\n|---|---|---|\n".to_owned();
    std::iter::once(head).chain(TABLE.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(entries: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        entries
            .iter()
            .map(|(name, keys)| ((*name).to_owned(), keys.iter().map(|key| (*key).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn every_default_is_read_and_belongs_to_one_action() {
        let map = KeyMap::default();
        map.check().unwrap();
        let mut n = 0;
        for bind in binds() {
            for key in bind.defaults {
                assert_eq!(map.action(key.parse().unwrap()), Some(bind.action), "{key}");
                n += 1;
            }
        }
        assert_eq!(map.by_chord.len(), n);
    }

    #[test]
    fn names_are_unique_and_plain() {
        let mut names: Vec<_> = binds().map(|bind| bind.name).collect();
        let n = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n);
        assert!(
            names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
        );
    }

    #[test]
    fn a_config_changes_only_what_it_names() {
        let map = KeyMap::from_config(&config(&[("quit", &["Q", "ctrl-q"]), ("mouse", &[])])).unwrap();
        assert_eq!(map.action("Q".parse().unwrap()), Some(Action::Quit));
        assert_eq!(map.action("ctrl-q".parse().unwrap()), Some(Action::Quit));
        assert_eq!(map.action("q".parse().unwrap()), None);
        assert_eq!(map.action("M".parse().unwrap()), None);
        assert_eq!(map.action("tab".parse().unwrap()), Some(Action::NextTab));
    }

    #[test]
    fn keys_may_change_places() {
        let map = KeyMap::from_config(&config(&[("left", &["l"]), ("right", &["h"])])).unwrap();
        assert_eq!(map.action("l".parse().unwrap()), Some(Action::Left));
        assert_eq!(map.action("h".parse().unwrap()), Some(Action::Right));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (entries, parts) in [
            (config(&[("quitt", &["q"])]), ["`quitt`", "quit,"]),
            (config(&[("quit", &["hyper-q"])]), ["`hyper-q`", "ctrl-l"]),
            (config(&[("quit", &["s"])]), ["`save`", "`quit`"]),
            (config(&[("quit", &[]), ("interrupt", &[])]), ["no key", "`quit`"]),
        ] {
            let error = KeyMap::from_config(&entries).unwrap_err();
            assert_eq!(error.kind(), Kind::Config);
            let text = format!("{error}\n{}", error.remedy().unwrap());
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        }
    }

    #[test]
    fn rows_fit_into_half_a_help_screen() {
        let map = KeyMap::default();
        for row in TABLE {
            assert!(row.help.chars().count() <= 39, "{}", row.help);
            assert!(map.row_label(row, false).chars().count() <= 17, "{}", row.help);
        }
    }

    #[test]
    fn rows_are_labelled_for_help_and_status_line() {
        let map = KeyMap::default();
        let row = |action| TABLE.iter().find(|row| row.binds.iter().any(|bind| bind.action == action)).unwrap();
        assert_eq!(map.row_label(row(Action::Layer(1)), false), "1 … 9");
        assert_eq!(map.row_label(row(Action::Left), false), "← ↓ ↑ →  h j k l");
        assert_eq!(map.row_label(row(Action::Left), true), "left down up right  h j k l");
        assert_eq!(map.hint_label(row(Action::Left), false).unwrap(), "←↓↑→");
        assert_eq!(map.hint_label(row(Action::NextTab), false).unwrap(), "Tab");
        assert_eq!(map.hint_label(row(Action::NextPage), false).unwrap(), "PgDn");
    }

    #[test]
    fn the_markdown_table_has_a_line_for_each_row() {
        let table = markdown_table();
        assert_eq!(table.lines().count(), TABLE.len() + 2);
        assert!(table.contains("| `Space` | pause, resume; at the end another epoch | `pause` |"));
        assert!(table.lines().all(|line| line.matches(" | ").count() == 2 || line.starts_with("|-")), "{table}");
    }
}
