//! Loss and accuracy over the training steps.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Widget};

use super::gallery::render_placeholder;
use super::text::{Piece, fit, measure, thousands};
use crate::session::{Curve, Point};
use crate::ui::app::{self, App};
use crate::ui::palette;
use crate::ui::theme::Theme;

/// Columns of the values at the left of a chart.
const LABELS: u16 = 5;
/// From this ratio of highest to lowest loss on, the axis is logarithmic.
const LOGARITHMIC: f64 = 8.0;
/// So many measurements on the test split are marked one by one.
const MARKED: usize = 24;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Mean cross-entropy in nats.
    Loss,
    /// Share of right answers.
    Accuracy,
}

impl Quantity {
    fn title(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
        }
    }

    fn text(self, value: f64) -> String {
        measure(value, if self == Self::Loss { 3 } else { 4 })
    }

    /// The curves of the training batches and of the test split.
    fn curves(self, app: &App) -> Option<[&Curve; 2]> {
        let history = &app.snapshot.as_ref()?.history;
        Some(match self {
            Self::Loss => [&history.train_loss, &history.test_loss],
            Self::Accuracy => [&history.train_accuracy, &history.test_accuracy],
        })
    }
}

/// Draws a quantity's curves with their newest values.
pub fn render(app: &App, theme: &Theme, quantity: Quantity, area: Rect, buf: &mut Buffer) {
    if area.height < 3 || area.width < 20 {
        return;
    }
    heading(app, theme, quantity, area.width).render(Rect { height: 1, ..area }, buf);
    let plot = Rect { x: area.x + LABELS, y: area.y + 1, width: area.width - LABELS, height: area.height - 2 };
    let Some(drawing) = Drawing::new(app, quantity, plot.width) else {
        return render_placeholder(theme, plot, buf);
    };
    drawing.render(theme, quantity, plot, buf);
    let foot = Rect { y: plot.bottom(), height: 1, ..plot };
    let [first, last] = drawing.steps.map(|step| thousands(step as u64));
    Line::styled(first, theme.label).render(foot, buf);
    Line::styled(format!("step {last}"), theme.label).right_aligned().render(foot, buf);
}

/// `loss   train .061  test .089`.
fn heading<'a>(app: &App, theme: &Theme, quantity: Quantity, width: u16) -> Line<'a> {
    let mut pieces = vec![(0, vec![Span::styled(quantity.title(), theme.title)])];
    pieces.extend(newest(app, theme, quantity));
    let span = if app.span == app::Span::Whole { "whole run" } else { "recent" };
    pieces.push((3, vec![Span::styled(span, theme.label)]));
    fit(pieces, "  ", Style::new(), width)
}

fn newest<'a>(app: &App, theme: &Theme, quantity: Quantity) -> Vec<Piece<'a>> {
    let Some([train, test]) = quantity.curves(app) else { return Vec::new() };
    let piece = |rank, name, style: Style, curve: &Curve| {
        let value = f64::from(curve.last()?.value);
        Some((rank, vec![Span::styled(name, style), Span::styled(quantity.text(value), theme.value)]))
    };
    [piece(2, "train ", theme.train, train), piece(1, "test ", theme.test, test)].into_iter().flatten().collect()
}

/// Draws the newest values in one line, with a small picture of the loss.
pub fn render_strip(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut pieces = Vec::new();
    for (rank, quantity) in [(0, Quantity::Loss), (1, Quantity::Accuracy)] {
        let values = newest(app, theme, quantity);
        if values.is_empty() {
            continue;
        }
        pieces.push((rank, vec![Span::styled(quantity.title(), theme.title)]));
        pieces.extend(values.into_iter().map(|(more, spans)| (rank + more, spans)));
    }
    fit(pieces, "  ", Style::new(), area.width).render(area, buf);
}

/// The points and bounds of one chart, already on the scale of its axes.
struct Drawing {
    train: Vec<(f64, f64)>,
    test: Vec<(f64, f64)>,
    steps: [f64; 2],
    bounds: [f64; 2],
    logarithmic: bool,
}

impl Drawing {
    /// What there is to draw in `width` columns; `None` before the first measurement.
    fn new(app: &App, quantity: Quantity, width: u16) -> Option<Self> {
        let [train, test] = quantity.curves(app)?;
        let test: Vec<_> = test.points_all().map(as_floats).collect();
        let (train, test): (Vec<_>, Vec<_>) = match app.span {
            app::Span::Whole => (train.points_all().map(as_floats).collect(), test),
            app::Span::Recent => {
                let train: Vec<_> = train.points_recent().map(as_floats).collect();
                let from = train.first().map_or(f64::NEG_INFINITY, |point| point.0);
                (train, test.into_iter().filter(|point| point.0 >= from).collect())
            }
        };
        // Two braille dots a column: more points than that would only blur.
        let train = bin(&train, usize::from(width) * 2);
        let all = || train.iter().chain(&test).copied();
        let first = all().map(|p| p.0).reduce(f64::min)?;
        let last = all().map(|p| p.0).reduce(f64::max)?;
        let low = all().map(|p| p.1).reduce(f64::min)?;
        let high = all().map(|p| p.1).reduce(f64::max)?;
        let logarithmic = quantity == Quantity::Loss && low > 0.0 && high / low >= LOGARITHMIC;
        let bounds = match quantity {
            Quantity::Loss if logarithmic => wide([low.log10(), high.log10()]),
            Quantity::Loss => wide([if low < high / 2.0 { 0.0 } else { low }, high]),
            // Whole tenths below; the best there can be above.
            Quantity::Accuracy => [(low * 10.0).floor().min(9.0) / 10.0, 1.0],
        };
        let on_axis = |points: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
            if logarithmic { points.into_iter().map(|(x, y)| (x, y.log10())).collect() } else { points }
        };
        Some(Self {
            train: on_axis(train),
            test: on_axis(test),
            steps: [first, last.max(first + 1.0)],
            bounds,
            logarithmic,
        })
    }

    fn render(&self, theme: &Theme, quantity: Quantity, area: Rect, buf: &mut Buffer) {
        let marker = match theme.marker {
            _ if theme.palette.ascii => Marker::Custom('.'),
            palette::Marker::Braille => Marker::Braille,
            palette::Marker::Dot => Marker::Dot,
            palette::Marker::Half => Marker::HalfBlock,
        };
        let mark = if theme.palette.ascii { Marker::Custom('o') } else { Marker::Dot };
        let line = |points, style| Dataset::default().data(points).marker(marker).style(style);
        let mut datasets = vec![
            line(&self.test, theme.test).graph_type(GraphType::Line),
            line(&self.train, theme.train).graph_type(GraphType::Line),
        ];
        if self.test.len() <= MARKED {
            datasets.push(line(&self.test, theme.test).marker(mark).graph_type(GraphType::Scatter));
        }
        Chart::new(datasets)
            .legend_position(None)
            .x_axis(Axis::default().bounds(self.steps))
            .y_axis(Axis::default().bounds(self.bounds))
            .render(area, buf);
        let [low, high] = self.bounds;
        let rows = f64::from(area.height - 1).max(1.0);
        let labelled =
            if area.height >= 7 { vec![0, area.height / 2, area.height - 1] } else { vec![0, area.height - 1] };
        for row in labelled {
            let on_axis = high - (high - low) * f64::from(row) / rows;
            let value = if self.logarithmic { 10f64.powf(on_axis) } else { on_axis };
            let places = if quantity == Quantity::Loss { 3 } else { 2 };
            let text = if value == 0.0 { "0".to_owned() } else { measure(value, places) };
            let text = format!("{text:>4}");
            Line::styled(text, theme.label)
                .render(Rect { x: area.x - LABELS, y: area.y + row, width: LABELS, height: 1 }, buf);
        }
    }
}

fn as_floats(point: Point) -> (f64, f64) {
    (point.step as f64, f64::from(point.value))
}

/// At most `n` points: the means of neighbours.
fn bin(points: &[(f64, f64)], n: usize) -> Vec<(f64, f64)> {
    let size = points.len().div_ceil(n.max(1)).max(1);
    points
        .chunks(size)
        .map(|chunk| {
            let (x, y) = chunk.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
            (x / chunk.len() as f64, y / chunk.len() as f64)
        })
        .collect()
}

/// Bounds that are never empty: a chart with reversed or equal ones cannot be drawn.
fn wide([low, high]: [f64; 2]) -> [f64; 2] {
    if high > low { [low, high] } else { [low - 0.5, low + 0.5] }
}
