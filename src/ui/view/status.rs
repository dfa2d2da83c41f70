//! The lines at the bottom: which nodes are shown, what the pictures mean, and the keys that matter now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::data;
use super::download;
use super::image;
use super::ranking;
use super::sentence::{Beside, Subject, longest};
use super::text::{cut, fit, thousands, width_of};
use super::trust::inked_area;
use crate::session::Phase;
use crate::ui::app::{self, App, Panes};
use crate::ui::areas::Areas;
use crate::ui::keys::{Action, TABLE, When};
use crate::ui::theme::Theme;

/// From this width on the page line has room for a note beside the order of the nodes.
const WIDE: u16 = 140;
/// Draws which nodes are shown, and on the right what there is to tell.
pub fn render_page_line(app: &App, theme: &Theme, areas: &Areas, buf: &mut Buffer) {
    let area = areas.page_line;
    let mut room = area.width;
    if let Some(line) = news(app, theme, area.width) {
        let width = line.width() as u16 + 1;
        line.render(Rect { x: area.right() - width, width, ..area }, buf);
        room = room.saturating_sub(width + 2);
    }
    let value = |text: String| Span::styled(text, theme.value);
    let label = |text: &'static str| Span::styled(text, theme.label);
    let (mut pieces, mut rim) = (Vec::new(), None);
    let has_maps = areas.grid.is_some() || areas.inspector.is_some();
    if app.data.open {
        pieces = data::about_set(app, theme);
    } else if let Some(grid) = &areas.grid {
        pieces.extend(ranking::pieces(app, theme, grid));
    } else if areas.inspector.is_some() {
        pieces.extend(ranking::inspected(app, theme));
    } else if let (Some(_), Some(image)) = (areas.image, app.looking.image) {
        let n_test = thousands(app.plan.test_size as u64);
        pieces
            .push((0, vec![label("test image "), value(thousands(image as u64)), Span::raw(format!(" of {n_test}"))]));
    } else {
        let span = if app.span == app::Span::Whole { "the whole run" } else { "recent steps" };
        pieces.push((0, vec![label("curves of "), value(span.to_owned())]));
    }
    if let Some(page) = app.page.as_ref().filter(|_| has_maps) {
        // Of a network that rests the header tells it too.
        let told = app.is_paused() && app.snapshot.as_ref().is_some_and(|snapshot| snapshot.step == page.step);
        pieces.push((if told { 6 } else { 3 }, vec![label("maps at step "), value(thousands(page.step))]));
    }
    let is_sample = |page: &&crate::lens::Page| !page.exact && page.n_images.is_some() && app.is_paused();
    if let Some(page) = app.right_page().filter(is_sample).filter(|_| has_maps) {
        let n = page.n_images.map_or_else(String::new, |n| thousands(n as u64));
        pieces.push((0, vec![Span::styled(format!("over {n} images so far: all are being looked at"), theme.warn)]));
    }
    if app.edge_share().is_some() && has_maps {
        rim = Some(pieces.len());
        pieces.push((if areas.inspector.is_some() { 2 } else { 4 }, Vec::new()));
    } else if app.is_rim_faded() && has_maps {
        pieces.push((4, vec![label("the rim is grey: hardly ever inked")]));
    }
    if let Some(rate) = app.rate.text() {
        pieces.push((1, vec![label("sent "), value(rate.to_owned())]));
    }
    if let Some(n) = app.n_judged().filter(|_| has_maps) {
        let (of, n_test) = (if n == app.plan.test_size { "all " } else { "" }, thousands(app.plan.test_size as u64));
        let square = theme.glyph("R² over ", "R2 over ");
        let mut spans = vec![label(square), label(of), value(thousands(n as u64))];
        let whole = if of.is_empty() { format!(" of {n_test} test images") } else { " test images".to_owned() };
        spans.push(Span::styled(whole, theme.label));
        spans.extend(app.judged_step().map(|step| Span::styled(format!(" at step {}", thousands(step)), theme.label)));
        pieces.push((6, spans));
    }
    if areas.grid.is_some() && app.lens.foretells() && app.n_judged().is_some() && app.order().is_none() {
        let below = if app.lens.has_sides() {
            theme.glyph("below each: R² and its grey of 0", "below each: R2 and its grey of 0")
        } else {
            theme.glyph("below each: R², lowest…highest", "below each: R2, lowest..highest")
        };
        pieces.push((7, vec![label(below)]));
    }
    if app.mouse {
        pieces.push((6, vec![label("mouse on")]));
    }
    let gap = theme.glyph(" · ", " | ");
    if let Some(rim) = rim {
        // What is dropped before it does not count.
        let beside: Vec<_> = pieces.iter().filter(|(rank, _)| *rank <= 5).cloned().collect();
        let short_of = usize::from(room).saturating_sub(width_of(&beside, gap));
        let texts = about_rim(app, area.width);
        let text = texts.iter().find(|text| text.len() <= short_of).or(texts.last());
        pieces[rim].1.extend(text.map(|text| value(text.clone())));
    }
    let line = fit(pieces, gap, theme.label, room);
    if line.width() <= usize::from(room) {
        line.render(Rect { width: room, ..area }, buf);
    }
}

/// That the rim is not to be read, from full to brief: nothing was learned where hardly ever is ink.
fn about_rim(app: &App, width: u16) -> Vec<String> {
    let mut texts = Vec::new();
    if let Some(area) = inked_area(app) {
        let outside = format!("do not read the rim outside {area}");
        let share = app.edge_share().unwrap_or_default() * 100.0;
        if width >= WIDE {
            texts.push(format!("{outside}: hardly ever inked, yet {share:.0} % of the picture"));
        }
        texts.extend([format!("{outside}, hardly inked"), outside]);
    }
    texts.push("do not read the rim, hardly inked".to_owned());
    texts
}

/// The newest message; else how the download goes; else what there is to say of the data.
fn news<'a>(app: &App, theme: &Theme, width: u16) -> Option<Line<'a>> {
    let room = width.saturating_sub(1);
    if let Some(message) = &app.message {
        return Some(Line::styled(cut(&message.text, room), theme.warn));
    }
    download::line(app, theme, room).or_else(|| {
        // What the order is must be seen, the note can wait.
        let note = app.options.note.as_ref().filter(|_| app.order().is_none() || width >= WIDE)?;
        Some(Line::styled(cut(note, room), theme.test))
    })
}

/// Draws what the pictures mean here and how far to trust them; or why the run cannot go on.
pub fn render_sentence(app: &App, theme: &Theme, areas: &Areas, buf: &mut Buffer) {
    let area = areas.sentence;
    if let Some(Phase::Diverged { reason }) = app.snapshot.as_ref().map(|s| &s.phase) {
        return Paragraph::new(reason.as_str()).style(theme.bad).wrap(Wrap { trim: true }).render(area, buf);
    }
    let other = areas.image.is_some() || areas.node.is_some() && app.taken().is_some();
    let beside = if other && areas.grid.is_some() { Beside::Other } else { Beside::Nothing };
    let mut sentences = match (&areas.data, app.panes) {
        (Some(data), _) => data::about_view(data),
        (None, Panes::Curves) => about_curves(app),
        // The maps have no room beside it.
        _ if areas.image.is_some() && areas.grid.is_none() => image::sentences(app),
        (None, _) => Subject { beside, ..Subject::of(app) }.sentences(),
    };
    if beside == Beside::Other {
        sentences = sentences.iter().map(|text| format!("Left: {text}")).collect();
    }
    for text in &mut sentences {
        // A name and its number stay on one line.
        *text = text.replace("R² ", "R²\u{a0}").replace(" %", "\u{a0}%");
        if theme.palette.ascii {
            *text = text.replace('²', "2");
        }
    }
    let Some(text) = longest(&sentences, area.width, area.height) else { return };
    let text = text.as_str();
    Paragraph::new(text).style(theme.value).wrap(Wrap { trim: true }).render(area, buf);
    for at in area.intersection(buf.area).positions() {
        if buf[at].symbol() == "\u{a0}" {
            buf[at].set_symbol(" ");
        }
    }
}

fn about_curves(app: &App) -> Vec<String> {
    let images = thousands(app.plan.test_size as u64);
    vec![
        "train: the batches lately; test: images never trained on.".to_owned(),
        format!("train: the batches since the point before; test: the {images} test images."),
        format!(
            "train: mean over the batches since the point before. test: the {images} test images, never trained on, \
             after each epoch."
        ),
    ]
}

/// Draws the keys that matter now, as many as fit.
pub fn render_keys(app: &App, theme: &Theme, areas: &Areas, buf: &mut Buffer) {
    let phase = app.snapshot.as_ref().map(|s| &s.phase);
    let finished = matches!(phase, Some(Phase::Finished));
    let diverged = matches!(phase, Some(Phase::Diverged { .. }));
    let shown = |when| match when {
        When::Always => true,
        When::Gallery => areas.grid.is_some(),
        When::Maps => areas.grid.is_some() || areas.inspector.is_some() || areas.image.is_some(),
        When::Inspector => areas.inspector.is_some() || areas.image.is_some(),
        When::Images => areas.grid.is_some() && app.looks_at_images(),
        When::Image => areas.image.is_some(),
        When::Curves => !areas.charts.is_empty(),
        When::Live => app.options.live && !diverged,
        When::Paused => app.options.live && app.is_paused() && !diverged && !finished,
        When::Ended => app.options.live && (diverged || finished),
    };
    let pieces = TABLE
        .iter()
        .filter_map(|row| {
            let action = row.binds[0].action;
            let on_data = areas.data.as_ref().and_then(|areas| data::hint(app, areas, action));
            let hint = on_data.or(row.hint.filter(|hint| shown(hint.when)))?;
            let keys = app.options.keys.hint_label(row, theme.palette.ascii)?;
            let inside = areas.inspector.is_some();
            let pages = app.sheets().map_or(1, |sheets| sheets.len());
            let idle = match action {
                // Nothing lies below the first layer.
                Action::Left | Action::Inspect => inside && app.layer == 0,
                Action::Panes => inside && pages == 1,
                _ => false,
            };
            // What does not fit on a page must be found.
            let rank = match action {
                Action::Panes if inside => 1,
                Action::Inspect if inside => 2,
                Action::NextMistake if areas.image.is_some() => 2,
                _ => hint.rank,
            };
            if idle {
                return None;
            }
            let word = match action {
                Action::Left if inside => "part",
                Action::NextPage if inside => "node",
                Action::Inspect if inside => "follow down",
                Action::Back if app.way().next().is_some() => "back up",
                Action::Panes if inside => "more",
                Action::Pause if finished => "one more epoch",
                Action::Pause if app.is_paused() => "resume",
                _ => hint.word,
            };
            Some((rank, vec![Span::styled(keys, theme.accent), Span::styled(format!(" {word}"), theme.value)]))
        })
        .collect();
    fit(pieces, "  ", Style::new(), areas.status.width).render(areas.status, buf);
}
