//! Every key, declared once: the defaults, the names in config.ron, the help screen, the hints in the status line and the
//! list in the README all come from [`TABLE`].

pub mod chord;

use std::collections::{BTreeMap, HashMap};

pub use chord::Chord;

use crate::error::{Error, Kind, Result};

/// What a key can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// The tab to the right.
    NextTab,
    /// The tab to the left.
    PreviousTab,
    /// A layer by its number, from 1.
    Layer(u8),
    /// The node to the left.
    Left,
    /// The node below.
    Down,
    /// The node above.
    Up,
    /// The node to the right.
    Right,
    /// A page of nodes on.
    NextPage,
    /// A page of nodes back.
    PreviousPage,
    /// The first node.
    First,
    /// The last node.
    Last,
    /// Ask for a node's number and go there.
    GoTo,
    /// Show everything known of the node under the cursor, or stop doing so.
    Inspect,
    /// Close what lies on top; never more than that.
    Back,
    /// The next lens.
    NextLens,
    /// The lens before.
    PreviousLens,
    /// The next scale.
    NextScale,
    /// Larger maps.
    Larger,
    /// Smaller maps.
    Smaller,
    /// Gallery with the side column, gallery alone, curves alone.
    Panes,
    /// Curves over the whole run or its recent part.
    CurveSpan,
    /// Pause or go on; at the end of the run, one more epoch.
    Pause,
    /// One training step, then pause.
    StepOnce,
    /// A smaller learning rate.
    RateDown,
    /// A larger learning rate.
    RateUp,
    /// Slower training.
    PaceDown,
    /// Faster training.
    PaceUp,
    /// Begin again with the same seed.
    Restart,
    /// Begin again with the next seed.
    NextSeed,
    /// Write a checkpoint now.
    Save,
    /// The mouse for us, or for the terminal's own selection.
    Mouse,
    /// The help screen.
    Help,
    /// Draw everything anew.
    Redraw,
    /// Back to the shell for a while.
    Suspend,
    /// Leave; exit code 0.
    Quit,
    /// Leave; exit code 130.
    Interrupt,
}

/// Under which heading the help screen lists a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Moving about.
    Move,
    /// How things are shown.
    Look,
    /// What the training does.
    Train,
    /// The program itself.
    Program,
}

impl Group {
    /// All headings in the order of the help screen.
    pub const ALL: [Self; 4] = [Self::Move, Self::Look, Self::Train, Self::Program];

    /// The heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Look => "Look",
            Self::Train => "Train",
            Self::Program => "Program",
        }
    }
}

/// When a key matters enough to be named in the status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// While the gallery is on screen.
    Gallery,
    /// While the inspector is open.
    Inspector,
    /// While the curves are on screen.
    Curves,
    /// While a run can be told something.
    Live,
    /// While the run waits for the user.
    Paused,
    /// While the run cannot go on as it is: all epochs done, or diverged.
    Ended,
}

/// A word for the status line; a lower rank is the last to be dropped when there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// The word beside the keys.
    pub word: &'static str,
    /// What is dropped first: the highest.
    pub rank: u8,
    /// When it is shown at all.
    pub when: When,
}

/// One action's name in config.ron and its default keys.
#[derive(Debug, Clone, Copy)]
pub struct Bind {
    /// What it does.
    pub action: Action,
    /// Its name in config.ron.
    pub name: &'static str,
    /// Its keys unless config.ron says otherwise.
    pub defaults: &'static [&'static str],
}

/// One line of the help screen: actions that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its heading.
    pub group: Group,
    /// What the keys do.
    pub help: &'static str,
    /// Whether and how the status line names it.
    pub hint: Option<Hint>,
    /// The actions.
    pub binds: &'static [Bind],
}

const fn bind(action: Action, name: &'static str, defaults: &'static [&'static str]) -> Bind {
    Bind { action, name, defaults }
}

const fn row(group: Group, help: &'static str, hint: Option<Hint>, binds: &'static [Bind]) -> Row {
    Row { group, help, hint, binds }
}

const fn hint(word: &'static str, rank: u8, when: When) -> Hint {
    Hint { word, rank, when }
}

/// Every key of the dashboard.
pub const TABLE: &[Row] = &[
    row(
        Group::Move,
        "next, previous layer",
        Some(hint("layer", 3, When::Always)),
        &[bind(Action::NextTab, "next-tab", &["tab"]), bind(Action::PreviousTab, "previous-tab", &["shift-tab"])],
    ),
    row(
        Group::Move,
        "layer by number",
        None,
        &[
            bind(Action::Layer(1), "layer-1", &["1"]),
            bind(Action::Layer(2), "layer-2", &["2"]),
            bind(Action::Layer(3), "layer-3", &["3"]),
            bind(Action::Layer(4), "layer-4", &["4"]),
            bind(Action::Layer(5), "layer-5", &["5"]),
            bind(Action::Layer(6), "layer-6", &["6"]),
            bind(Action::Layer(7), "layer-7", &["7"]),
            bind(Action::Layer(8), "layer-8", &["8"]),
            bind(Action::Layer(9), "layer-9", &["9"]),
        ],
    ),
    row(
        Group::Move,
        "node left, down, up, right",
        Some(hint("node", 4, When::Gallery)),
        &[
            bind(Action::Left, "left", &["left", "h"]),
            bind(Action::Down, "down", &["down", "j"]),
            bind(Action::Up, "up", &["up", "k"]),
            bind(Action::Right, "right", &["right", "l"]),
        ],
    ),
    row(
        Group::Move,
        "next, previous page of nodes",
        Some(hint("page", 5, When::Gallery)),
        &[bind(Action::NextPage, "next-page", &["pgdn"]), bind(Action::PreviousPage, "previous-page", &["pgup"])],
    ),
    row(
        Group::Move,
        "first, last node",
        None,
        &[bind(Action::First, "first", &["g", "home"]), bind(Action::Last, "last", &["G", "end"])],
    ),
    row(
        Group::Move,
        "go to a node by its number",
        Some(hint("go to", 11, When::Gallery)),
        &[bind(Action::GoTo, "go-to", &["/"])],
    ),
    row(
        Group::Look,
        "inspect the node under the cursor",
        Some(hint("inspect", 6, When::Gallery)),
        &[bind(Action::Inspect, "inspect", &["enter"])],
    ),
    row(
        Group::Look,
        "back: close help, prompt or inspector",
        Some(hint("back", 2, When::Inspector)),
        &[bind(Action::Back, "back", &["esc"])],
    ),
    row(
        Group::Look,
        "next, previous lens",
        Some(hint("lens", 7, When::Gallery)),
        &[bind(Action::NextLens, "next-lens", &["v"]), bind(Action::PreviousLens, "previous-lens", &["V"])],
    ),
    row(
        Group::Look,
        "scale: per node, per layer, symmetric",
        Some(hint("scale", 8, When::Gallery)),
        &[bind(Action::NextScale, "scale", &["x"])],
    ),
    row(
        Group::Look,
        "larger, smaller maps",
        Some(hint("size", 10, When::Gallery)),
        &[bind(Action::Larger, "larger", &["+", "="]), bind(Action::Smaller, "smaller", &["-"])],
    ),
    row(
        Group::Look,
        "panes: all, gallery alone, curves alone",
        Some(hint("panes", 9, When::Always)),
        &[bind(Action::Panes, "panes", &["w"])],
    ),
    row(
        Group::Look,
        "curves: whole run or recent steps",
        Some(hint("span", 12, When::Curves)),
        &[bind(Action::CurveSpan, "curve-span", &["t"])],
    ),
    row(
        Group::Train,
        "pause, resume; at the end another epoch",
        Some(hint("pause", 1, When::Live)),
        &[bind(Action::Pause, "pause", &["space"])],
    ),
    row(
        Group::Train,
        "one training step, then pause",
        Some(hint("step", 6, When::Paused)),
        &[bind(Action::StepOnce, "step", &["."])],
    ),
    row(
        Group::Train,
        "learning rate down, up",
        None,
        &[bind(Action::RateDown, "rate-down", &["<"]), bind(Action::RateUp, "rate-up", &[">"])],
    ),
    row(
        Group::Train,
        "pace: slower, faster",
        Some(hint("pace", 9, When::Live)),
        &[bind(Action::PaceDown, "pace-down", &["{"]), bind(Action::PaceUp, "pace-up", &["}"])],
    ),
    row(
        Group::Train,
        "start again: same seed, next seed",
        Some(hint("restart", 2, When::Ended)),
        &[bind(Action::Restart, "restart", &["r"]), bind(Action::NextSeed, "next-seed", &["R"])],
    ),
    row(Group::Train, "save a checkpoint now", None, &[bind(Action::Save, "save", &["s"])]),
    row(Group::Program, "mouse on, off", None, &[bind(Action::Mouse, "mouse", &["M"])]),
    row(Group::Program, "this help", Some(hint("help", 0, When::Always)), &[bind(Action::Help, "help", &["?"])]),
    row(Group::Program, "draw the screen anew", None, &[bind(Action::Redraw, "redraw", &["ctrl-l"])]),
    row(Group::Program, "to the shell, where `fg` comes back", None, &[bind(Action::Suspend, "suspend", &["ctrl-z"])]),
    row(Group::Program, "quit", Some(hint("quit", 0, When::Always)), &[bind(Action::Quit, "quit", &["q"])]),
    row(Group::Program, "quit with exit code 130", None, &[bind(Action::Interrupt, "interrupt", &["ctrl-c"])]),
];

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

/// All actions with their names and default keys, in the order of the help screen.
pub fn binds() -> impl Iterator<Item = &'static Bind> {
    TABLE.iter().flat_map(|row| row.binds)
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
