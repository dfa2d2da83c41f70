//! The one table of keys.

use super::action::Action;
use super::row::{Bind, Group, Hint, Row, When};

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
        "next, previous tab",
        Some(hint("tab", 3, When::Always)),
        &[bind(Action::NextTab, "next-tab", &["tab"]), bind(Action::PreviousTab, "previous-tab", &["shift-tab"])],
    ),
    row(Group::Move, "the data that the network learns from", None, &[bind(Action::Data, "data", &["0"])]),
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
        Some(hint("node", 4, When::Maps)),
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
        Some(hint("page", 5, When::Maps)),
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
        Group::Browse,
        "sort by number, norm, faithfulness ..",
        Some(hint("sort", 7, When::Gallery)),
        &[bind(Action::NextSort, "next-sort", &["o"]), bind(Action::PreviousSort, "previous-sort", &["O"])],
    ),
    row(
        Group::Browse,
        "filter: dead, rare, always on, class",
        Some(hint("filter", 8, When::Gallery)),
        &[bind(Action::NextFilter, "next-filter", &["f"]), bind(Action::PreviousFilter, "previous-filter", &["F"])],
    ),
    row(
        Group::Browse,
        "most similar nodes first; again: leave",
        Some(hint("similar", 13, When::Gallery)),
        &[bind(Action::Similar, "similar", &["u"])],
    ),
    row(
        Group::Browse,
        "this node minus the next one; again: no",
        Some(hint("minus", 12, When::Inspector)),
        &[bind(Action::Take, "minus", &["d"])],
    ),
    row(Group::Browse, "mark this step: change counts from here", None, &[bind(Action::Mark, "mark", &["m"])]),
    row(
        Group::Look,
        "inspect the node; there: follow a part",
        Some(hint("inspect", 6, When::Maps)),
        &[bind(Action::Inspect, "inspect", &["enter"])],
    ),
    row(
        Group::Look,
        "back up; close help, prompt, inspector",
        Some(hint("back", 1, When::Inspector)),
        &[bind(Action::Back, "back", &["esc"])],
    ),
    row(
        Group::Look,
        "next, previous lens",
        Some(hint("lens", 7, When::Maps)),
        &[bind(Action::NextLens, "next-lens", &["v"]), bind(Action::PreviousLens, "previous-lens", &["V"])],
    ),
    row(
        Group::Look,
        "over: own class, all, one class, image",
        Some(hint("over", 10, When::Images)),
        &[bind(Action::NextImages, "next-images", &["a"]), bind(Action::NextClass, "next-class", &["A"])],
    ),
    row(Group::Look, "pick a test image: 17, or c3 of class 3", None, &[bind(Action::PickImage, "pick-image", &["i"])]),
    row(
        Group::Look,
        "next, previous image it gets wrong",
        Some(hint("mistake", 8, When::Maps)),
        &[bind(Action::NextMistake, "next-mistake", &["n"]), bind(Action::PreviousMistake, "previous-mistake", &["N"])],
    ),
    row(
        Group::Look,
        "why a and not b: next b; swap a and b",
        Some(hint("why not another", 3, When::Image)),
        &[bind(Action::Why, "why", &["y"]), bind(Action::Swap, "swap", &["Y"])],
    ),
    row(Group::Look, "outputs less their mean (softmax gauge)", None, &[bind(Action::Centre, "centre", &["C"])]),
    row(
        Group::Look,
        "scale: node, layer, symmetric, 1..99 %",
        Some(hint("scale", 8, When::Maps)),
        &[bind(Action::NextScale, "scale", &["x"])],
    ),
    row(
        Group::Look,
        "colours: grey, diverging, viridis",
        Some(hint("colours", 13, When::Gallery)),
        &[bind(Action::Colours, "colours", &["c"])],
    ),
    row(Group::Look, "small maps: 2, 4, 8 pixels a cell", None, &[bind(Action::Glyphs, "glyphs", &["z"])]),
    row(
        Group::Look,
        "larger, smaller maps",
        Some(hint("size", 10, When::Gallery)),
        &[bind(Action::Larger, "larger", &["+", "="]), bind(Action::Smaller, "smaller", &["-"])],
    ),
    row(
        Group::Look,
        "panes; in the inspector: next page",
        Some(hint("panes", 9, When::Always)),
        &[bind(Action::Panes, "panes", &["w"])],
    ),
    row(
        Group::Look,
        "charts: learning, trust, structure",
        Some(hint("charts", 11, When::Curves)),
        &[bind(Action::Charts, "charts", &["T"])],
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
    row(Group::Train, "fetch MNIST; then train on it", None, &[bind(Action::Fetch, "fetch", &["D"])]),
    row(Group::Train, "save a checkpoint now", None, &[bind(Action::Save, "save", &["s"])]),
    row(Group::Program, "mouse on, off", None, &[bind(Action::Mouse, "mouse", &["M"])]),
    row(Group::Program, "this help", Some(hint("help", 0, When::Always)), &[bind(Action::Help, "help", &["?"])]),
    row(Group::Program, "how much is sent to the terminal", None, &[bind(Action::LinkRate, "link-rate", &["b"])]),
    row(Group::Program, "draw the screen anew", None, &[bind(Action::Redraw, "redraw", &["ctrl-l"])]),
    row(Group::Program, "to the shell, where `fg` comes back", None, &[bind(Action::Suspend, "suspend", &["ctrl-z"])]),
    row(Group::Program, "quit", Some(hint("quit", 0, When::Always)), &[bind(Action::Quit, "quit", &["q"])]),
    row(Group::Program, "quit with exit code 130", None, &[bind(Action::Interrupt, "interrupt", &["ctrl-c"])]),
];

/// All actions with their names and default keys, in the order of the help screen.
pub fn binds() -> impl Iterator<Item = &'static Bind> {
    TABLE.iter().flat_map(|row| row.binds)
}
