//! What is said of a key: its heading, its help, its name, its hint.

use super::action::Action;

/// Under which heading the help screen lists a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Moving about.
    Move,
    /// Which nodes, in which order.
    Browse,
    /// How things are shown.
    Look,
    /// What the training does.
    Train,
    /// The program itself.
    Program,
}

impl Group {
    /// All headings in the order of the help screen.
    pub const ALL: [Self; 5] = [Self::Move, Self::Browse, Self::Look, Self::Train, Self::Program];

    /// The heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Browse => "Browse",
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
    /// While the gallery or the inspector is.
    Maps,
    /// While the inspector is open.
    Inspector,
    /// While the lens takes images.
    Images,
    /// While a picked image is on screen.
    Image,
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
