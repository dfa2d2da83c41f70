//! What the order of the nodes is and which of them are shown; how often a node fires.

use ratatui::style::Style;
use ratatui::text::Span;

use super::text::{Piece, measure, signed, thousands};
use crate::lens::Over;
use crate::lens::firing::Habit;
use crate::ui::app::App;
use crate::ui::app::ranking::{Filter, Sort};
use crate::ui::areas::Grid;
use crate::ui::theme::Theme;

/// What the nodes are put in order by, in words.
#[must_use]
pub fn sort_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Number => "number",
        Sort::Norm => "norm",
        Sort::Faithfulness => "faithfulness",
        Sort::Firing => "firing rate",
        Sort::Selectivity => "selectivity",
        Sort::Structure => "structure",
        Sort::Change => "change",
    }
}

/// The same in a caption, long and short.
fn caption_names(sort: Sort, theme: &Theme) -> [&'static str; 2] {
    match sort {
        Sort::Number => [""; 2],
        Sort::Norm => ["norm "; 2],
        Sort::Faithfulness => [theme.glyph("R² ", "R2 "); 2],
        Sort::Firing => ["fires "; 2],
        Sort::Selectivity => ["selectivity ", "sel "],
        Sort::Structure => ["structure ", "str "],
        Sort::Change => ["change ", "chg "],
    }
}

/// How often a node fires, where that is worth a word.
#[must_use]
pub fn habit_name(habit: Habit) -> Option<&'static str> {
    match habit {
        Habit::Dead => Some("dead"),
        Habit::Rare => Some("rare"),
        Habit::AlwaysOn => Some("always on"),
        Habit::Usual => None,
    }
}

/// `dead`, `rare` or `on`, with its style, for a node's caption.
#[must_use]
pub fn badge(app: &App, theme: &Theme, node: usize) -> Option<(&'static str, Style)> {
    let habit = app.node_study(node)?.habit?;
    match habit {
        Habit::Dead => Some(("dead", theme.bad)),
        Habit::Rare => Some(("rare", theme.warn)),
        Habit::AlwaysOn => Some(("on", theme.good)),
        Habit::Usual => None,
    }
}

/// The value that a node is ranked by, from long to short; `None` while the nodes stand in the order of their numbers.
#[must_use]
pub fn ranked_by(app: &App, theme: &Theme, node: usize) -> Option<[String; 3]> {
    let sort = app.browse.sort;
    let names = if app.likeness().is_some() { ["alike ", "like "] } else { caption_names(sort, theme) };
    if names[0].is_empty() {
        return None;
    }
    let value = app.ranked_by(node).map_or_else(
        || theme.glyph("–", "-").to_owned(),
        |value| match sort {
            _ if app.likeness().is_some() => signed(value as f32, 2),
            Sort::Norm => signed(value as f32, 3).trim_start_matches('+').to_owned(),
            // Rare nodes differ in the third place.
            Sort::Firing | Sort::Change => measure(value, 3),
            _ => measure(value, 2),
        },
    );
    let [full, brief] = names.map(|name| format!("{name}{value}"));
    Some([full, brief, value])
}

/// Which nodes are shown in which order, and how many never, rarely and always fire.
#[must_use]
pub fn pieces<'a>(app: &App, theme: &Theme, grid: &Grid) -> Vec<Piece<'a>> {
    let value = |text: String| Span::styled(text, theme.value);
    let label = |text: &'static str| Span::styled(text, theme.label);
    let (n, shown) = (app.n_nodes(), app.shown().len());
    let places = grid.page_places(app.place(), shown);
    let (page, pages) = grid.page(app.place(), shown);
    let mut pieces = Vec::new();
    if pages > 1 {
        pieces.push((1, vec![label("page "), value(format!("{}/{pages}", page + 1))]));
    }
    let Some(order) = app.order() else {
        pieces.push((2, vec![label("nodes "), value(format!("{}-{} of {n}", places.start, places.end - 1))]));
        pieces.extend(habits(app, theme));
        return pieces;
    };
    if let Some(likeness) = app.likeness() {
        let doing = if likeness.values.is_some() { "most like " } else { "comparing with " };
        pieces.push((0, vec![label(doing), value(format!("node {}", likeness.to))]));
    } else if app.browse.sort != Sort::Number {
        let name = sort_name(app.browse.sort);
        let number = if app.browse.sort == Sort::Faithfulness { theme.glyph(" (R²)", " (R2)") } else { since(app) };
        pieces.push((0, vec![label("sorted by "), value(name.to_owned()), label(number)]));
    }
    let filter = app.browse.filter;
    let name = filter_name(app, filter);
    if filter == Filter::All {
        pieces.push((4, vec![value(n.to_string()), label(" nodes")]));
    } else if order.none_admitted && order.step.is_some() {
        pieces.push((0, vec![Span::styled(format!("no node is {name}: all {n} shown"), theme.warn)]));
    } else {
        let count = format!("{} of {n}", order.n_admitted());
        pieces.push((0, vec![value(format!("{name}: ")), value(count)]));
        if !order.admits(app.cursor()) {
            pieces.push((0, vec![Span::styled(format!("and node {}, which is not", app.cursor()), theme.warn)]));
        }
    }
    match order.step {
        None => pieces.push((3, vec![label("its numbers are being computed")])),
        Some(step) if app.snapshot.as_ref().is_some_and(|snapshot| snapshot.step != step) => {
            pieces.push((3, vec![label("order of step "), value(thousands(step))]));
        }
        Some(_) => {}
    }
    if filter == Filter::All {
        pieces.extend(habits(app, theme));
    }
    pieces
}

/// Which node of how many is inspected, on which page.
#[must_use]
pub fn inspected<'a>(app: &App, theme: &Theme) -> Vec<Piece<'a>> {
    let value = |text: String| Span::styled(text, theme.value);
    let label = |text: &'static str| Span::styled(text, theme.label);
    let kind = if app.is_output() { "output " } else { "node " };
    let mut pieces = vec![(0, vec![label(kind), value(format!("{} of {}", app.cursor(), app.n_nodes()))])];
    let pages = app.sheets().map_or(1, |sheets| sheets.len());
    if pages > 1 {
        let page = app.inspector.page.min(pages - 1) + 1;
        pieces.push((0, vec![label("page "), value(format!("{page}/{pages}"))]));
    }
    if let Some(order) = app.order() {
        let (place, n) = (app.place() + 1, app.shown().len());
        let by = match app.likeness() {
            Some(likeness) => format!(" by likeness to {}", likeness.to),
            None if app.browse.sort == Sort::Number => String::new(),
            None => format!(" by {}", sort_name(app.browse.sort)),
        };
        let of = if app.browse.filter == Filter::All || order.none_admitted {
            n.to_string()
        } else {
            format!("{n} ({})", filter_name(app, app.browse.filter))
        };
        pieces.push((1, vec![label("place "), value(format!("{place} of {of}{by}"))]));
    }
    // Who comes from a mistake must not take this for its reasons.
    if let Some(image) = app.looking.image.filter(|&image| app.over() != Over::Image(image)) {
        pieces.push((2, vec![label("of all images, not of image "), value(thousands(image as u64)), label(" alone")]));
        if let Some(judged) = app.verdict() {
            let [is, taken_for] = [judged.label, judged.answer].map(|class| class_label(app, class.into()));
            let answered =
                if judged.label == judged.answer { String::new() } else { format!(", answered {taken_for}") };
            pieces.push((6, vec![label("it is a "), value(format!("{is}{answered}"))]));
        }
    }
    pieces
}

/// `since step 0`, where the nodes are sorted by change.
fn since(app: &App) -> &'static str {
    match (app.browse.sort, app.browse.is_marked()) {
        (Sort::Change, true) => " since the mark",
        (Sort::Change, false) => " since the start",
        _ => "",
    }
}

/// `dead`, `prefers 7`, `prefers 7 Sneaker`.
fn filter_name(app: &App, filter: Filter) -> String {
    match filter {
        Filter::All => String::new(),
        Filter::Habit(habit) => habit_name(habit).unwrap_or_default().to_owned(),
        Filter::Prefers(class) => format!("prefers {}", class_label(app, class)),
    }
}

/// `7`, or `7 Sneaker` where the class has a name.
#[must_use]
pub fn class_label(app: &App, class: usize) -> String {
    match app.plan.class_names.get(class) {
        Some(name) if *name != class.to_string() => format!("{class} {name}"),
        _ => class.to_string(),
    }
}

/// `4 dead, 31 rare, 0 always on` of the open layer, where its nodes have an off.
fn habits<'a>(app: &App, theme: &Theme) -> Option<Piece<'a>> {
    let layer = app.study.as_ref()?.layers.get(app.layer)?;
    let counts = [(layer.dead?, " dead, "), (layer.rare?, " rare, "), (layer.always_on?, " always on")];
    let spans = counts
        .into_iter()
        .flat_map(|(count, name)| [Span::styled(count.to_string(), theme.value), Span::styled(name, theme.label)]);
    Some((5, spans.collect()))
}
