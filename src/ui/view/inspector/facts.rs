//! The numbers of a node in words.

use ratatui::layout::Size;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::lens::Lens;
use crate::lens::firing::Habit;
use crate::ui::app::App;
use crate::ui::theme::Theme;
use crate::ui::view::ranking::{class_label, habit_name};
use crate::ui::view::text::{Piece, fit, measure, signed, thousands};

/// What is known of the node under the cursor, a line a subject; where there are rows to spare, nothing is left out.
#[must_use]
pub fn lines<'a>(app: &App, theme: &Theme, Size { width, height }: Size) -> Vec<Line<'a>> {
    // Where there is room each number says what it is, the strangest first.
    let groups = |glossed: u8| {
        let gloss = |rank: u8, text: &'static str| Span::styled(if glossed > rank { text } else { "" }, theme.label);
        let mut groups = [
            answers(app, theme, width),
            class(app, theme, &gloss),
            faithfulness(app, theme, width),
            shape(app, theme, &gloss),
            change(app, theme),
            own(app, theme, &gloss),
        ];
        if app.study.is_none() && app.report().is_some() {
            groups[0].push((0, vec![Span::styled("its numbers are being computed", theme.label)]));
        }
        groups
    };
    for glossed in [2, 1, 0] {
        let all: Vec<Line<'_>> = groups(glossed).iter().flat_map(|pieces| flow(pieces, width)).collect();
        if all.len() <= usize::from(height) && all.iter().all(|line| line.width() <= usize::from(width)) {
            return all;
        }
    }
    let lines = groups(0).into_iter().filter(|pieces| !pieces.is_empty());
    lines.map(|pieces| fit(pieces, "  ", Style::new(), width)).collect()
}

/// The pieces on as many lines as they take.
fn flow<'a>(pieces: &[Piece<'a>], width: u16) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    for (_, spans) in pieces {
        let more: usize = spans.iter().map(Span::width).sum();
        match lines.last_mut() {
            Some(line) if line.width() + 2 + more <= usize::from(width) => {
                line.spans.push(Span::raw("  "));
                line.spans.extend(spans.iter().cloned());
            }
            _ => lines.push(Line::from(spans.clone())),
        }
    }
    lines
}

fn pair<'a>(theme: &Theme, rank: u8, name: impl Into<String>, value: impl Into<String>) -> Piece<'a> {
    (rank, vec![Span::styled(name.into(), theme.label), Span::styled(value.into(), theme.value)])
}

/// `fires on 42 % of 10,000 images`, and whether that is worth a word.
fn answers<'a>(app: &App, theme: &Theme, width: u16) -> Vec<Piece<'a>> {
    let (Some(study), Some(node)) = (&app.study, app.node_study(app.cursor())) else { return Vec::new() };
    let Some(firing) = node.firing else { return Vec::new() };
    let images = format!(" of {} images", thousands(study.n_images as u64));
    let share = match firing {
        f if f > 0.0 && f < 0.01 => format!("{:.2} %", f * 100.0),
        f if f > 0.99 && f < 1.0 => format!("{:.2} %", f * 100.0),
        f => format!("{:.0} %", f * 100.0),
    };
    let badge = node.habit.and_then(habit_name);
    let mut fires = pair(theme, 0, "fires on ", share);
    let images = Span::styled(images, theme.label);
    let spans = fires.1.iter().chain(std::iter::once(&images));
    if spans.map(Span::width).sum::<usize>() + badge.map_or(0, |badge| badge.len() + 2) <= usize::from(width) {
        fires.1.push(images);
    }
    let mut pieces = vec![fires];
    let style = match node.habit {
        Some(Habit::Dead) => theme.bad,
        Some(Habit::Rare) => theme.warn,
        _ => theme.good,
    };
    pieces.extend(badge.map(|badge| (0, vec![Span::styled(badge, style)])));
    pieces
}

/// `prefers 7 Sneaker  selectivity .71`.
fn class<'a>(app: &App, theme: &Theme, gloss: &dyn Fn(u8, &'static str) -> Span<'a>) -> Vec<Piece<'a>> {
    let Some((class, selectivity)) = app.node_study(app.cursor()).and_then(|node| node.preference) else {
        return Vec::new();
    };
    let mut selective = pair(theme, 1, "selectivity ", measure(selectivity, 2));
    selective.1.push(gloss(0, " (1: one class)"));
    vec![pair(theme, 0, "prefers ", class_label(app, class)), selective]
}

/// `R² .49 over 10,000 images  plain .41`: how far the picture on screen, of whatever lens, foretells what the node adds up.
fn faithfulness<'a>(app: &App, theme: &Theme, width: u16) -> Vec<Piece<'a>> {
    let plain = app.node_study(app.cursor()).and_then(|node| node.faithfulness);
    let here = app.report().and_then(|report| report.map.faithfulness);
    let (value, n) = if app.lens == Lens::Plain {
        (plain, app.study.as_ref().map(|study| study.n_images))
    } else {
        (here, app.page.as_ref().and_then(|page| page.n_judged))
    };
    let mut pieces = Vec::new();
    if let (Some(value), Some(n)) = (value, n) {
        let (mut name, r2) = (theme.glyph("R² ", "R2 ").to_owned(), measure(value, 2));
        if app.lens == Lens::Plain && width >= 44 {
            name = format!("faithfulness {name}");
        }
        let mut piece = pair(theme, 0, name, r2);
        piece.1.push(Span::styled(format!(" over {} images", thousands(n as u64)), theme.label));
        pieces.push(piece);
    }
    if let Some(plain) = plain.filter(|_| app.lens != Lens::Plain) {
        pieces.push(pair(theme, 1, theme.glyph("plain R² ", "plain R2 "), measure(plain, 2)));
    }
    pieces
}

/// `structure .71  norm 4.12`, of the plain map.
fn shape<'a>(app: &App, theme: &Theme, gloss: &dyn Fn(u8, &'static str) -> Span<'a>) -> Vec<Piece<'a>> {
    let Some(node) = app.node_study(app.cursor()) else { return Vec::new() };
    let mut pieces = Vec::new();
    // Whatever the lens, these are numbers of the plain map.
    let of_plain = if app.lens == Lens::Plain { "" } else { "plain " };
    if let Some(structure) = node.structure {
        let mut structure = pair(theme, 0, format!("{of_plain}structure "), measure(structure, 2));
        structure.1.push(gloss(0, " (0: noise)"));
        pieces.push(structure);
    }
    let mut norm = pair(theme, 1, "norm ", signed(node.norm as f32, 3).trim_start_matches('+'));
    norm.1.push(gloss(1, " (strength)"));
    pieces.push(norm);
    pieces
}

/// `changed by .31 since step 0`.
fn change<'a>(app: &App, theme: &Theme) -> Vec<Piece<'a>> {
    let since = app.study.as_ref().and_then(|study| study.since);
    let change = app.node_study(app.cursor()).and_then(|node| node.change);
    let (Some(since), Some(change)) = (since, change) else { return Vec::new() };
    let mark = if app.browse.is_marked() { "the mark at step" } else { "step" };
    let mut changed = pair(theme, 0, "changed by ", measure(change, 2));
    changed.1.push(Span::styled(format!(" since {mark} {}", thousands(since)), theme.label));
    vec![changed]
}

/// `bias +.02  offset +.11`; of an output, how much its map looks like the mean image of its class.
fn own<'a>(app: &App, theme: &Theme, gloss: &dyn Fn(u8, &'static str) -> Span<'a>) -> Vec<Piece<'a>> {
    let Some(report) = app.report() else { return Vec::new() };
    let mut pieces = vec![pair(theme, 0, "bias ", signed(report.bias, 3))];
    // On the first layer the offset is the bias.
    if let Some(offset) = report.map.offset.filter(|_| app.layer > 0) {
        let mut offset = pair(theme, 3, "offset ", signed(offset, 3));
        offset.1.push(gloss(1, " (without any ink)"));
        pieces.push(offset);
    }
    let output = app.study.as_ref().filter(|_| app.is_output()).and_then(|study| study.outputs.get(app.cursor()));
    if let Some(matched) = output.and_then(|output| output.template_match) {
        let of_plain = if app.lens == Lens::Plain { "" } else { "plain " };
        let mut matched = pair(theme, 1, format!("{of_plain}template match "), signed(matched as f32, 2));
        matched.1.push(gloss(1, " (likeness to its mean image)"));
        pieces.push(matched);
    }
    if let Some(best) = output.and_then(|output| output.best_template) {
        pieces.push(pair(theme, 2, "most like ", class_label(app, best)));
    }
    pieces
}
