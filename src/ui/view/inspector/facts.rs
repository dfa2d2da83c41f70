//! The numbers of a node in words.

use std::fmt::Write as _;

use ratatui::layout::Size;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::lens::Lens;
use crate::lens::firing::Habit;
use crate::ui::app::App;
use crate::ui::theme::Theme;
use crate::ui::view::ranking::{class_label, habit_name};
use crate::ui::view::sentence::word;
use crate::ui::view::text::{Piece, fit, measure, signed, thousands};

/// From this share of the highest answer on a second class is named beside the preferred one.
const NEARLY: f64 = 0.85;

/// What a number says, from brief to full, in the order in which they are wanted: the strangest name first.
const GLOSSES: [(Number, &[&str]); 9] = [
    (Number::Structure, &["0: noise", "0 noise, 1 smooth"]),
    (Number::Selectivity, &["1: one class", "0 all alike, 1 one", "0: all classes alike, 1: one alone"]),
    (Number::Norm, &["strength", "strength of the map"]),
    (Number::Offset, &["no ink", "what the map adds without ink"]),
    (Number::Template, &["1: alike", "1: like its mean image", "likeness to its mean image, 1: the same"]),
    (Number::R2, &[".9 good", "1 all, .9 good", "1: the map foretells all of it, .9: good"]),
    (Number::Change, &["of its length"]),
    (Number::Firing, &["its sum is above 0"]),
    (Number::Preference, &["on average"]),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Structure,
    Selectivity,
    Norm,
    Offset,
    Template,
    R2,
    Change,
    Firing,
    Preference,
}

/// How full each gloss is: 0 for none.
type Glossed = [usize; GLOSSES.len()];

/// What is known of the node under the cursor, a line a subject; where there are rows to spare, nothing is left out.
#[must_use]
pub fn lines<'a>(app: &App, theme: &Theme, Size { width, height }: Size) -> Vec<Line<'a>> {
    let groups = |glossed: &Glossed| {
        let gloss = |number: Number| {
            let (i, texts) = GLOSSES.iter().map(|gloss| gloss.1).enumerate().find(|(i, _)| GLOSSES[*i].0 == number)?;
            let text = texts.get(glossed[i].checked_sub(1)?)?;
            Some(Span::styled(format!(" ({text})"), theme.label))
        };
        let mut groups = vec![
            answers(app, theme, width, &gloss),
            class(app, theme, &gloss),
            faithfulness(app, theme, width, &gloss),
            shape(app, theme, &gloss),
            change(app, theme, &gloss),
            own(app, theme, &gloss),
        ];
        if app.study.is_none() && app.report().is_some() {
            groups[0].push((0, vec![Span::styled("its numbers are being computed", theme.label)]));
        }
        groups.splice(0..0, about_difference(app, theme));
        groups
    };
    let flowing = |glossed: &Glossed| -> Option<Vec<Line<'a>>> {
        let all: Vec<Line<'_>> = groups(glossed).iter().flat_map(|pieces| flow(pieces, width)).collect();
        let fits = all.len() <= usize::from(height) && all.iter().all(|line| line.width() <= usize::from(width));
        fits.then_some(all)
    };
    let mut glossed = Glossed::default();
    let Some(mut best) = flowing(&glossed) else {
        let lines = groups(&glossed).into_iter().filter(|pieces| !pieces.is_empty());
        return lines.map(|pieces| fit(pieces, "  ", Style::new(), width)).collect();
    };
    // Rather each number with a word than one with many.
    for fullness in 1..=GLOSSES.iter().map(|gloss| gloss.1.len()).max().unwrap_or(0) {
        for i in 0..GLOSSES.len() {
            if GLOSSES[i].1.len() < fullness {
                continue;
            }
            let before = std::mem::replace(&mut glossed[i], fullness);
            match flowing(&glossed) {
                Some(lines) => best = lines,
                None => glossed[i] = before,
            }
        }
    }
    best
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

/// Says what a number means where there is room for it.
type Gloss<'b, 'a> = &'b dyn Fn(Number) -> Option<Span<'a>>;

fn pair<'a>(theme: &Theme, rank: u8, name: impl Into<String>, value: impl Into<String>) -> Piece<'a> {
    (rank, vec![Span::styled(name.into(), theme.label), Span::styled(value.into(), theme.value)])
}

/// Where a difference is shown, what it says, how far the two nodes' own maps can be trusted, and that the numbers are of
/// the second one.
fn about_difference<'a>(app: &App, theme: &Theme) -> Vec<Vec<Piece<'a>>> {
    let Some(taken) = app.taken() else { return Vec::new() };
    let node = app.cursor();
    let light = match app.lens {
        Lens::Plain | Lens::Influence | Lens::Gated => format!("light: ink raises {taken} more than {node}"),
        _ => format!("light: more in {taken} than in {node}"),
    };
    let square = theme.glyph("R²", "R2");
    let r2 = |node| app.node_study(node).and_then(|node| node.faithfulness).filter(|_| app.lens == Lens::Plain);
    let trust = match (r2(taken), r2(node)) {
        (Some(first), Some(second)) => vec![
            format!("{square} of its maps: {taken} {}, {node} {}", measure(first, 2), measure(second, 2)),
            match word(first.min(second)) {
                "exact" => "exact, as both are".to_owned(),
                poorer => format!("trust it as the poorer: {poorer}"),
            },
        ],
        _ => vec![format!("its {square} is not measured")],
    };
    let piece = |text: String, style| vec![(0, vec![Span::styled(text, style)])];
    let mut groups = vec![piece(light, theme.value)];
    groups.extend(trust.into_iter().map(|text| piece(text, theme.value)));
    groups.push(piece(format!("the numbers of {node}:"), theme.warn));
    groups
}

/// `fires on 42 % of 10,000 images`, and whether that is worth a word.
fn answers<'a>(app: &App, theme: &Theme, width: u16, gloss: Gloss<'_, 'a>) -> Vec<Piece<'a>> {
    let (Some(study), Some(node)) = (&app.study, app.node_study(app.cursor())) else { return Vec::new() };
    let Some(firing) = node.firing else { return Vec::new() };
    let images = format!(" of {} images", thousands(study.n_images as u64));
    let share = match firing {
        f if f > 0.0 && f < 0.01 => format!("{:.2} %", f * 100.0),
        f if f > 0.99 && f < 1.0 => format!("{:.2} %", f * 100.0),
        f => format!("{:.0} %", f * 100.0),
    };
    let badge = node.habit.and_then(habit_name);
    // Nothing cuts an output off.
    let name = if app.is_output() { "above 0 on " } else { "fires on " };
    let mut fires = pair(theme, 0, name, share);
    let images = Span::styled(images, theme.label);
    let spans = fires.1.iter().chain(std::iter::once(&images));
    if spans.map(Span::width).sum::<usize>() + badge.map_or(0, |badge| badge.len() + 2) <= usize::from(width) {
        fires.1.push(images);
    }
    fires.1.extend(gloss(Number::Firing).filter(|_| !app.is_output()));
    let mut pieces = vec![fires];
    let style = match node.habit {
        Some(Habit::Dead) => theme.bad,
        Some(Habit::Rare) => theme.warn,
        _ => theme.good,
    };
    pieces.extend(badge.map(|badge| (0, vec![Span::styled(badge, style)])));
    pieces
}

/// `prefers 7 Sneaker, nearly 9  selectivity .71`.
fn class<'a>(app: &App, theme: &Theme, gloss: Gloss<'_, 'a>) -> Vec<Piece<'a>> {
    let Some((class, selectivity)) = app.node_study(app.cursor()).and_then(|node| node.preference) else {
        return Vec::new();
    };
    let mut selective = pair(theme, 1, "selectivity ", measure(selectivity, 2));
    selective.1.extend(gloss(Number::Selectivity));
    let means = app.node_study(app.cursor()).and_then(|node| node.class_means);
    let mut prefers = class_label(app, class);
    if let Some(second) = means.and_then(|means| nearly(&means, class)) {
        let _ = write!(prefers, ", nearly {}", class_label(app, second));
    }
    let mut prefers = pair(theme, 0, "prefers ", prefers);
    prefers.1.extend(gloss(Number::Preference));
    vec![prefers, selective]
}

/// The class that a node answers to almost as much as to the one that it prefers, if there is one.
fn nearly(means: &[f64], preferred: usize) -> Option<usize> {
    let others = means.iter().copied().enumerate().filter(|(class, mean)| *class != preferred && mean.is_finite());
    let (class, mean) = others.max_by(|a, b| a.1.total_cmp(&b.1))?;
    (mean > 0.0 && mean >= NEARLY * means[preferred]).then_some(class)
}

/// `R² .49 over 10,000 images  plain .41`: how far the picture on screen, of whatever lens, foretells what the node adds up.
fn faithfulness<'a>(app: &App, theme: &Theme, width: u16, gloss: Gloss<'_, 'a>) -> Vec<Piece<'a>> {
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
        piece.1.extend(gloss(Number::R2));
        pieces.push(piece);
    }
    if let Some(plain) = plain.filter(|_| app.lens != Lens::Plain) {
        let name = theme.glyph("plain R² ", "plain R2 ");
        pieces.push(pair(theme, 1, name, measure(plain, 2)));
    }
    pieces
}

/// `structure .71  norm 4.12`, of the plain map.
fn shape<'a>(app: &App, theme: &Theme, gloss: Gloss<'_, 'a>) -> Vec<Piece<'a>> {
    let Some(node) = app.node_study(app.cursor()) else { return Vec::new() };
    let mut pieces = Vec::new();
    // Whatever the lens, these are numbers of the plain map.
    let of_plain = if app.lens == Lens::Plain { "" } else { "plain " };
    if let Some(structure) = node.structure {
        let mut structure = pair(theme, 0, format!("{of_plain}structure "), measure(structure, 2));
        structure.1.extend(gloss(Number::Structure));
        pieces.push(structure);
    }
    let mut norm = pair(theme, 1, "norm ", signed(node.norm as f32, 3).trim_start_matches('+'));
    norm.1.extend(gloss(Number::Norm));
    pieces.push(norm);
    pieces
}

/// `changed by .31 since step 0`.
fn change<'a>(app: &App, theme: &Theme, gloss: Gloss<'_, 'a>) -> Vec<Piece<'a>> {
    let since = app.study.as_ref().and_then(|study| study.since);
    let change = app.node_study(app.cursor()).and_then(|node| node.change);
    let (Some(since), Some(change)) = (since, change) else { return Vec::new() };
    let mark = if app.browse.is_marked() { "the mark at step" } else { "step" };
    let mut changed = pair(theme, 0, "changed by ", measure(change, 2));
    changed.1.push(Span::styled(format!(" since {mark} {}", thousands(since)), theme.label));
    changed.1.extend(gloss(Number::Change));
    vec![changed]
}

/// `bias +.02  offset +.11`; of an output, how much its map looks like the mean image of its class.
fn own<'a>(app: &App, theme: &Theme, gloss: Gloss<'_, 'a>) -> Vec<Piece<'a>> {
    let Some(report) = app.report() else { return Vec::new() };
    let mut pieces = vec![pair(theme, 0, "bias ", signed(report.bias, 3))];
    // On the first layer the offset is the bias.
    if let Some(offset) = report.map.offset.filter(|_| app.layer > 0) {
        let mut offset = pair(theme, 3, "offset ", signed(offset, 3));
        offset.1.extend(gloss(Number::Offset));
        pieces.push(offset);
    }
    let output = app.study.as_ref().filter(|_| app.is_output()).and_then(|study| study.outputs.get(app.cursor()));
    if let Some(matched) = output.and_then(|output| output.template_match) {
        let name = if app.lens == Lens::Plain { "template match " } else { "plain match " };
        let mut matched = pair(theme, 1, name, signed(matched as f32, 2));
        matched.1.extend(gloss(Number::Template));
        pieces.push(matched);
    }
    // Beside another lens's picture it would be taken for that one's.
    if let Some(best) = output.and_then(|output| output.best_template).filter(|_| app.lens == Lens::Plain) {
        pieces.push(pair(theme, 2, "most like ", class_label(app, best)));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_class_is_named_where_it_almost_ties() {
        assert_eq!(nearly(&[0.5, 2.42, 2.18], 1), Some(2));
        assert_eq!(nearly(&[0.5, 2.42, 2.0], 1), None);
        assert_eq!(nearly(&[f64::NAN, 2.42, f64::NAN], 1), None);
        assert_eq!(nearly(&[0.0, 0.0], 0), None);
        assert_eq!(nearly(&[0.9, 1.0, 0.95], 1), Some(2));
    }
}
