//! The two lines at the top: what is trained on what, and how far it is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::text::{Piece, clock, fit, measure, short_count, thousands};
use crate::session::{Pace, Phase};
use crate::ui::app::App;
use crate::ui::theme::Theme;

/// The progress line is never shorter.
const SHORTEST_PROGRESS: u16 = 8;

/// Draws the header.
pub fn render(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let [top, below] = [area, Rect { y: area.y + 1, ..area }].map(|row| Rect { height: 1, ..row }.intersection(area));
    let (mark, word, style) = state(app, theme);
    let state = Line::from(vec![Span::styled(mark, style), Span::styled(format!(" {word} "), style)]);
    let state_width = state.width() as u16;
    let [left, right] = split_right(top, state_width);
    state.render(right, buf);
    what(app, theme, left.width.saturating_sub(2)).render(left, buf);
    if app.options.live {
        render_progress(app, theme, below, buf);
    } else {
        render_result(app, theme, below, buf);
    }
}

/// Data, network, optimizer: fixed for the run but for the learning rate.
fn what<'a>(app: &App, theme: &Theme, width: u16) -> Line<'a> {
    let plan = &app.plan;
    let widths: Vec<_> = plan.shape.widths().iter().map(ToString::to_string).collect();
    let pair = |name: String, value: String| vec![Span::styled(name, theme.label), Span::styled(value, theme.value)];
    let facts = vec![
        (0, pair(format!("{} ", plan.data), thousands(plan.train_size as u64))),
        (1, vec![Span::styled(widths.join("-"), theme.value)]),
        (2, pair(format!("{} ", plan.optimizer.name()), app.learning_rate().to_string())),
        (4, pair("batch ".into(), plan.batch_size.to_string())),
        (3, pair("seed ".into(), plan.seed.to_string())),
    ];
    let name = vec![Span::styled("weightscope", theme.accent), Span::raw("  ")];
    let name_width: usize = name.iter().map(Span::width).sum();
    let facts = |width| fit(facts.clone(), theme.glyph(" · ", " | "), theme.label, width);
    let mut line = facts(width.saturating_sub(name_width as u16));
    // Rather all facts than our own name.
    if line.spans.len() < facts(width).spans.len() && facts(u16::MAX).width() <= usize::from(width) {
        return facts(width);
    }
    line.spans.splice(0..0, name);
    line
}

/// Epoch, progress, step, speed, time left, pace.
fn render_progress(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let snapshot = app.snapshot.as_ref();
    let epochs = snapshot.map_or(app.plan.epochs, |s| s.epochs);
    let step = snapshot.map_or(0, |s| s.step);
    let steps = app.plan.steps_per_epoch() * epochs as u64;
    // The epoch under way, not the ones done.
    let epoch = if step == 0 { 0 } else { step.div_ceil(app.plan.steps_per_epoch().max(1)) as usize };
    let share = if steps == 0 { 0.0 } else { (step as f64 / steps as f64).clamp(0.0, 1.0) };

    let epoch = Line::from(vec![
        Span::styled("epoch ", theme.label),
        Span::styled(format!("{}/{epochs}", epoch.min(epochs)), theme.value),
        Span::raw("  "),
    ]);
    let room = area.width.saturating_sub(epoch.width() as u16 + SHORTEST_PROGRESS + 1);
    let numbers = fit(numbers(app, theme, share, step, steps), "  ", Style::new(), room);
    let [rest, right] = split_right(area, numbers.width() as u16 + 1);
    let [left, bar] = split_left(rest, epoch.width() as u16);
    epoch.render(left, buf);
    numbers.render(right, buf);
    let bar = Rect { width: bar.width.saturating_sub(2), ..bar };
    let done = (f64::from(bar.width) * share).round() as usize;
    Line::from(vec![
        Span::styled(theme.glyph("━", "=").repeat(done), theme.accent),
        Span::styled(theme.glyph("─", "-").repeat(usize::from(bar.width) - done), theme.label),
    ])
    .render(bar, buf);
}

fn numbers<'a>(app: &App, theme: &Theme, share: f64, step: u64, steps: u64) -> Vec<Piece<'a>> {
    let snapshot = app.snapshot.as_ref();
    let value = |text: String| Span::styled(text, theme.value);
    let label = |text: &'static str| Span::styled(text, theme.label);
    let mut pieces = vec![
        (2, vec![value(format!("{:3.0} %", (share * 100.0).floor()))]),
        (3, vec![label("step "), value(thousands(step)), Span::styled(format!("/{}", thousands(steps)), theme.label)]),
    ];
    if let Some(images) = snapshot.and_then(|s| s.samples_per_second) {
        pieces.push((4, vec![value(short_count(images)), label(" img/s")]));
    }
    let limit = snapshot.and_then(|s| s.steps_per_second_limit);
    pieces.push((
        0,
        match (app.pace(), limit) {
            (Pace::Max, _) => vec![label("pace "), value("max".into())],
            (Pace::Steps(steps), _) => vec![label("pace "), value(format!("{}/s", pace_number(steps)))],
            (Pace::Lockstep(steps), _) => vec![label("lockstep "), value(format!("{}/frame", thousands(steps)))],
            (Pace::Auto, Some(steps)) => vec![label("pace auto "), value(format!("{}/s", pace_number(steps)))],
            (Pace::Auto, None) => vec![label("pace "), value("auto".into())],
        },
    ));
    if let Some(left) = snapshot.and_then(|s| s.time_left) {
        pieces.push((1, vec![value(clock(left)), label(" left")]));
    }
    pieces
}

fn pace_number(steps: f64) -> String {
    if steps < 10.0 { format!("{}", (steps * 10.0).round() / 10.0) } else { thousands(steps.round() as u64) }
}

/// A network that is only looked at: how far it was trained, and how good it is.
fn render_result(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(snapshot) = &app.snapshot else { return };
    let pair =
        |name: &'static str, value: String| vec![Span::styled(name, theme.label), Span::styled(value, theme.value)];
    let mut pieces =
        vec![(2, pair("epoch ", snapshot.epoch.to_string())), (1, pair("step ", thousands(snapshot.step)))];
    if let Some(test) = &snapshot.test {
        pieces.push((3, pair("test loss ", measure(test.loss, 3))));
        pieces.push((0, pair("test accuracy ", measure(test.accuracy, 4))));
    }
    fit(pieces, "  ", Style::new(), area.width).render(area, buf);
}

/// What the run is doing: a mark, a word, a style. The word alone says it all.
fn state(app: &App, theme: &Theme) -> (&'static str, &'static str, Style) {
    let waits = theme.glyph("‖", "=");
    if !app.options.live {
        return (theme.glyph("■", "#"), "trained network", theme.label);
    }
    let Some(snapshot) = &app.snapshot else { return (theme.glyph("…", ".."), "starting", theme.label) };
    match (&snapshot.phase, app.wishes.pause) {
        (Phase::Loading | Phase::Training | Phase::Evaluating, Some(true)) => (waits, "pausing", theme.warn),
        (Phase::Paused | Phase::Finished, Some(false)) => (theme.glyph("●", "*"), "resuming", theme.good),
        (Phase::Loading, _) => (theme.glyph("…", ".."), "reading data", theme.label),
        (Phase::Training, _) => (theme.glyph("●", "*"), "training", theme.good),
        (Phase::Evaluating, _) => (theme.glyph("○", "o"), "evaluating", theme.good),
        (Phase::Paused, _) => (waits, "paused", theme.warn),
        (Phase::Finished, _) => (theme.glyph("■", "#"), "finished", theme.accent),
        (Phase::Diverged { .. }, _) => (theme.glyph("×", "x"), "diverged", theme.bad),
        (Phase::Stopped, _) => (theme.glyph("■", "#"), "stopped", theme.label),
        (Phase::Failed(_), _) => (theme.glyph("×", "x"), "failed", theme.bad),
    }
}

fn split_right(area: Rect, width: u16) -> [Rect; 2] {
    let width = width.min(area.width);
    let left = Rect { width: area.width - width, ..area };
    [left, Rect { x: left.right(), width, ..area }]
}

fn split_left(area: Rect, width: u16) -> [Rect; 2] {
    let width = width.min(area.width);
    [Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area }]
}
