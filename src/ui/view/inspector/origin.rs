//! Where a picture comes from: the pictures of the layer below that add up to it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use crate::lens::Lens;
use crate::lens::node::{Origin, Part};
use crate::nn::Activation;
use crate::ui::app::App;
use crate::ui::areas::inspector::PartsGrid;
use crate::ui::theme::Theme;
use crate::ui::view::gallery::render_placeholder;
use crate::ui::view::text::{fit, measure};
use crate::ui::view::zero;
use crate::ui::widgets::NodeMap;

/// Draws the words and the pictures.
pub fn render(app: &App, theme: &Theme, words: Rect, grid: &PartsGrid, buf: &mut Buffer) {
    let Some(origin) = app.origin() else {
        if app.report().is_some() {
            Line::styled("this map is zero: nothing makes it", theme.label).render(Rect { height: 1, ..words }, buf);
        } else {
            render_placeholder(theme, grid.area, buf);
        }
        return;
    };
    let rows = app.parts_shown(grid);
    let parts: Vec<&Part> = rows.iter().copied().flatten().collect();
    for (line, y) in sentences(app, theme, origin, &parts, words.as_size()).into_iter().zip(words.y..words.bottom()) {
        line.render(Rect { y, height: 1, ..words }, buf);
    }
    if let Some(heading) = grid.heading_against().filter(|_| !origin.against.is_empty()) {
        Line::styled(against_heading(app, heading.width), theme.label).render(heading, buf);
    }
    let cursor = app.part();
    for (y, row) in rows.iter().enumerate() {
        for (x, part) in row.iter().enumerate() {
            let (area, caption) = grid.place(y, x);
            let map = &part.map;
            (&NodeMap::new(map, theme)).render(area, buf);
            // Not the bare number: under an output it would be read as a digit.
            let sign = if part.weight < 0.0 { "-" } else { "" };
            let name = format!("{sign}n{}", map.node.index);
            // Without the space, or there is no room for the grey of 0.
            let share = percent(part.share).replace(' ', "");
            let text = format!("{name} {share}");
            let used = text.width() as u16;
            if cursor == Some(map.node.index) {
                let pad = usize::from(caption.width).saturating_sub(text.width());
                Line::styled(format!("{text}{}", " ".repeat(pad)), theme.selected).render(caption, buf);
            } else {
                Line::from(vec![Span::styled(format!("{name} "), theme.title), Span::styled(share, theme.label)])
                    .render(caption, buf);
            }
            zero::render(theme, map, caption, used, buf);
        }
    }
}

fn against_heading(app: &App, width: u16) -> String {
    let what = if app.is_output() { "score" } else { "sum" };
    let full = format!("against the picture: mostly light where it is dark (light still raises the {what}):");
    if full.len() <= usize::from(width) { full } else { format!("and these work against {}:", picture(app)) }
}

/// `43 of 512 nodes make half of this picture`, and what the shares add up to.
fn sentences<'a>(
    app: &App,
    theme: &Theme,
    origin: &Origin,
    parts: &[&Part],
    Size { width, height }: Size,
) -> Vec<Line<'a>> {
    let one_line = height < 2;
    let value = |text: String| Span::styled(text, theme.title);
    let label = |text: String| Span::styled(text, theme.label);
    let n = origin.shares.len();
    let shown = percent(parts.iter().map(|part| part.share).sum());
    let trust = own_trust(app, theme, parts).map(|trust| format!(", {trust}")).unwrap_or_default();
    let first = vec![
        (0, vec![value(format!("{} of {n}", origin.half))]),
        (0, vec![label("nodes".into())]),
        (2, vec![label(format!("of layer {}", app.layer))]),
        (0, vec![label(format!("make half of {}", picture(app)))]),
        (1, vec![label(format!("({} drawn {shown}{trust})", parts.len()))]),
    ];
    let needed = first.iter().filter(|(rank, _)| *rank == 0).flat_map(|(_, spans)| spans);
    let first = if needed.map(|span| span.width() + 1).sum::<usize>() > usize::from(width) + 1 {
        vec![(0, vec![value(format!("{} of {n}", origin.half))]), (0, vec![label("make half of it".into())])]
    } else {
        first
    };
    let sum = |positive: bool| origin.shares.iter().filter(|share| (**share > 0.0) == positive).sum::<f64>();
    if one_line {
        // Where each row counts, what the shares add up to stands beside.
        let both = vec![
            (0, vec![value(format!("{} of {n}", origin.half))]),
            (0, vec![label("make half;".into())]),
            (0, vec![label("all together".into()), value(format!(" {}", percent(origin.shares.iter().sum())))]),
        ];
        return vec![fit(both, " ", Style::new(), width)];
    }
    let second = vec![
        // Whoever takes a part that a minus has turned round for the node's own picture would read the node wrong.
        (1, vec![label("map times weight (minus, -n: greys swapped)".into())]),
        (
            0,
            vec![
                label(format!("all {n}: {} {} = ", percent(sum(true)), percent(sum(false)))),
                value(percent(origin.shares.iter().sum())),
            ],
        ),
    ];
    vec![fit(first, " ", Style::new(), width), fit(second, "; ", theme.label, width)]
}

/// How far the parts can be trusted themselves, if that has been measured: what is said of their sum is not true of them.
fn own_trust(app: &App, theme: &Theme, parts: &[&Part]) -> Option<String> {
    let below = &app.study.as_ref()?.layers.get(app.layer.checked_sub(1)?)?.nodes;
    let r2 = |part: &&Part| below.get(part.map.node.index)?.faithfulness;
    let all = parts.iter().map(r2).collect::<Option<Vec<f64>>>().filter(|all| !all.is_empty())?;
    let ends = [f64::min, f64::max].map(|end| measure(all.iter().copied().reduce(end).unwrap_or_default(), 2));
    let ends = if ends[0] == ends[1] { ends[0].clone() } else { ends.join(" to ") };
    let square = theme.glyph("R²", "R2");
    // Else it is a riddle how exact parts can make a poor whole.
    let is_cut = app.plan.shape.activation == Activation::Relu && app.layer == 1;
    Some(format!("{square} {ends}{}", if is_cut { " while on" } else { "" }))
}

/// What a part is a part of: the plain map, whatever the lens shows.
#[must_use]
pub fn picture(app: &App) -> &'static str {
    if app.lens == Lens::Plain { "this picture" } else { "its plain picture" }
}

/// `+4.2 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:+.1} %", share * 100.0)
}
