//! The picked test image: what the network makes of it, and why.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::gallery::render_placeholder;
use super::node::render_legend;
use super::sentence::longest;
use super::text::{measure, signed, thousands};
use super::trust;
use crate::lens::{Because, Needs, Shown};
use crate::ui::app::App;
use crate::ui::areas::IMAGE_WIDE;
use crate::ui::theme::Theme;
use crate::ui::widgets::{MapView, NodeMap};

/// Cells of a picture with all its pixels.
const MAP: (u16, u16) = (28, 14);
/// Columns of a legend.
const LEGEND: u16 = 7;
/// From this width on image, evidence and answers stand side by side.
const BESIDE: u16 = 75;

/// Draws the image, the network's answers, and the evidence for one answer against another.
pub fn render(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(image) = app.looking.image else { return };
    let Some(shown) = app.shown_image() else {
        let title = Line::styled(format!("image {}", thousands(image as u64)), theme.title);
        title.render(Rect { height: 1, ..area }.intersection(area), buf);
        return match trust::missing(app) {
            Some(text) => trust::render_missing(theme, &text, area, buf),
            None => render_placeholder(theme, area, buf),
        };
    };
    let top = area.y + 1;
    let beside = area.width >= BESIDE;
    let width = if beside { MAP.0 } else { area.width };
    title(app, theme, shown, width).render(Rect { height: 1, width, ..area }.intersection(area), buf);
    let large = beside || area.width >= IMAGE_WIDE && area.height >= 2 * MAP.1 + 6;
    let cells = if large { MAP } else { (MAP.0 / 2, MAP.1 / 2) };
    let picture = Rect { x: area.x, y: top, width: cells.0, height: cells.1 }.intersection(area);
    let thumbnail = if large { Vec::new() } else { halved(&shown.levels) };
    let (pixels, side) = if large { (&*shown.levels, 28) } else { (&*thumbnail, 14) };
    (&MapView { levels: pixels, side, double: false, palette: theme.palette }).render(picture, buf);
    let (evidence, answers) = if beside {
        let evidence = Rect { x: picture.right() + 2, y: area.y, width: MAP.0 + LEGEND, height: area.height };
        let x = evidence.right() + 1;
        (evidence, Rect { x, y: top, width: area.right().saturating_sub(x), height: area.height.saturating_sub(1) })
    } else {
        let x = picture.right() + 2;
        let answers = Rect { x, y: top, width: area.right().saturating_sub(x), height: picture.height };
        let y = picture.bottom() + 1;
        (Rect { y, height: area.bottom().saturating_sub(y), ..area }, answers)
    };
    render_answers(app, theme, shown, answers.intersection(area), buf);
    render_evidence(app, theme, evidence.intersection(area), buf);
}

/// `image 247  a 4, answered 6: wrong`.
fn title<'a>(app: &App, theme: &Theme, shown: &Shown, width: u16) -> Line<'a> {
    let (label, answer) = (class(app, shown.label), class(app, shown.answer));
    let verdict = if shown.label == shown.answer {
        vec![Span::styled("  right", theme.good)]
    } else {
        vec![
            Span::styled(", answered ", theme.label),
            Span::styled(answer, theme.bad),
            Span::styled(": wrong", theme.bad),
        ]
    };
    let image = vec![Span::styled(format!("image {}", thousands(shown.image as u64)), theme.title)];
    let of_class = vec![Span::styled("  a ", theme.label), Span::styled(label, theme.value)];
    let mut line = Line::from([image, of_class, verdict].concat());
    if line.width() > usize::from(width) {
        // The answer alone tells that it is wrong.
        line.spans.pop();
    }
    line
}

fn class(app: &App, class: usize) -> String {
    app.plan.class_names.get(class).cloned().unwrap_or_else(|| class.to_string())
}

/// The probabilities as bars: of every class in order, or where there are fewer rows, of the most probable ones.
fn render_answers(app: &App, theme: &Theme, shown: &Shown, area: Rect, buf: &mut Buffer) {
    let n = shown.probabilities.len();
    let mut classes: Vec<usize> = (0..n).collect();
    if n + 1 > usize::from(area.height) {
        classes.sort_by(|a, b| shown.probabilities[*b].total_cmp(&shown.probabilities[*a]));
    }
    Line::styled("probability", theme.label).render(Rect { height: 1, ..area }.intersection(area), buf);
    let names = classes.iter().map(|k| class(app, *k).chars().count()).max().unwrap_or(1).min(8);
    for (k, y) in classes.into_iter().zip(area.y + 1..area.bottom()) {
        let p = shown.probabilities[k];
        let marks = if area.width >= 26 {
            [theme.glyph(" ◂ label", " < label"), theme.glyph(" ◂ answer", " < answer")]
        } else if usize::from(area.width) >= names + 13 {
            [theme.glyph(" ◂ true", " < true"), ""]
        } else {
            [theme.glyph(" ◂", " <"), ""]
        };
        let mark = match (k == shown.answer, k == shown.label) {
            (_, true) => marks[0],
            (true, false) => marks[1],
            _ => "",
        };
        let longest = if area.width >= 26 { 9 } else { 7 };
        let room = usize::from(area.width).saturating_sub(names + 6 + longest).min(12);
        let bar = theme.glyph("█", "#").repeat((p * room as f32).round() as usize);
        let style = if k == shown.answer { theme.accent } else { theme.value };
        let name: String = class(app, k).chars().take(names).collect();
        Line::from(vec![
            Span::styled(format!("{name:>names$} "), theme.title),
            Span::styled(measure(f64::from(p), 3), style),
            Span::styled(format!(" {bar}"), style),
            Span::styled(mark, theme.label),
        ])
        .render(Rect { y, height: 1, ..area }, buf);
    }
}

/// Which pixels speak for one answer and against the other.
fn render_evidence(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let lines = |area: Rect, texts: Vec<Line<'_>>, buf: &mut Buffer| {
        for (line, y) in texts.into_iter().zip(area.y..area.bottom()) {
            line.render(Rect { y, height: 1, ..area }, buf);
        }
    };
    let title = Rect { height: 1, ..area }.intersection(area);
    let map = Rect { y: area.y + 1, width: MAP.0, height: MAP.1, ..area }.intersection(area);
    let Some(because) = app.because() else {
        Line::styled("evidence", theme.title).render(title, buf);
        if app.page.as_ref().is_some_and(|page| page.needs == Some(Needs::Relu) && page.sight.why == app.why()) {
            return Paragraph::new(trust::needs_relu(app)).style(theme.warn).wrap(Wrap { trim: true }).render(map, buf);
        }
        return render_placeholder(theme, map, buf);
    };
    let Because { a, b, lead, from_biases, .. } = *because;
    let label_of = app.shown_image().map(|shown| shown.label).filter(|label| ![a, b].contains(label));
    let (a, b) = (class(app, a), class(app, b));
    let value = |value: f64| Span::styled(signed(value as f32, 3), theme.value);
    let label = |text: &'static str| Span::styled(text, theme.label);
    let heading = match label_of {
        // Who reads this quickly must not take it for the cause of a mistake.
        Some(label) => vec![
            Span::styled(format!("why {a}, not {b}"), theme.title),
            Span::styled(format!(" (true {})", class(app, label)), theme.warn),
        ],
        None => vec![Span::styled(format!("why {a} and not {b}"), theme.title)],
    };
    lines(title, vec![Line::from([heading, vec![label("  lead "), value(lead)]].concat())], buf);
    (&NodeMap::new(&because.map, theme)).render(map, buf);
    let legend = Rect { x: map.right() + 1, width: LEGEND - 1, ..map }.intersection(area);
    render_legend(theme, &because.map, true, legend, buf);
    let below = Rect { y: map.bottom(), height: area.bottom().saturating_sub(map.bottom()), ..area };
    let sum =
        Line::from(vec![label("= drawn here "), value(lead - from_biases), label(", biases "), value(from_biases)]);
    let rest = Rect { y: below.y + 1, height: below.height.saturating_sub(1), ..below };
    if rest.height >= 3 {
        lines(below, vec![sum], buf);
        let texts = because_in_words(because, &a, &b);
        let Some(words) = longest(&texts, rest.width, rest.height) else { return };
        return Paragraph::new(words.as_str()).style(theme.value).wrap(Wrap { trim: true }).render(rest, buf);
    }
    let biased = is_mostly_biases(because).then(|| format!("bright {a}, dark {b}; mostly biases"));
    let words = [
        biased.unwrap_or_default(),
        format!("Bright speaks for {a}, dark for {b}. Exact."),
        format!("Bright speaks for {a}, dark for {b}."),
        format!("bright {a}, dark {b}"),
    ];
    let room = usize::from(area.width);
    let words = words.into_iter().find(|text| (1..=room).contains(&text.chars().count())).unwrap_or_default();
    lines(below, vec![sum, Line::styled(words, theme.label)], buf);
}

/// What the evidence on screen means and why it can be trusted, from brief to full; nothing while there is none.
#[must_use]
pub fn sentences(app: &App) -> Vec<String> {
    app.because()
        .map_or_else(Vec::new, |because| because_in_words(because, &class(app, because.a), &class(app, because.b)))
}

/// Whether the picture shows the smaller part of the lead: who reads it must not take it for the whole reason.
fn is_mostly_biases(because: &Because) -> bool {
    because.from_biases.abs() > (because.lead - because.from_biases).abs()
}

/// What the evidence for `a` against `b` means and why it can be trusted, from brief to full.
fn because_in_words(because: &Because, a: &str, b: &str) -> Vec<String> {
    let mut light = format!("Lighter speaks for {a}, darker for {b}");
    if is_mostly_biases(because) {
        light.push_str(". Most of the lead is the biases', not drawn");
    }
    let known = "for this one image it is known which nodes are on and off, so the network is a plain weighted sum of its \
                 pixels. Other ink may switch nodes.";
    let lead = format!("The lead is the score of {a} less that of {b}.");
    vec![
        format!("{light}. Exact for this image."),
        format!("{light}. Exact: which nodes are on is known, so all is one weighted sum of pixels."),
        format!("{light}. Exact: {known}"),
        format!("{light}. {lead} Exact: {known}"),
        format!("{light}. Empty pixels add nothing. {lead} Exact: {known}"),
    ]
}

/// A quarter of the pixels: each the mean of four.
#[must_use]
pub fn halved(levels: &[u8]) -> Vec<u8> {
    let level = |y: usize, x: usize| u32::from(levels[y * 28 + x]);
    let mean =
        |(y, x): (usize, usize)| ((level(y, x) + level(y, x + 1) + level(y + 1, x) + level(y + 1, x + 1)) / 4) as u8;
    (0..14).flat_map(|y| (0..14).map(move |x| (2 * y, 2 * x))).map(mean).collect()
}
