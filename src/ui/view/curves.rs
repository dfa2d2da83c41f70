//! Measurements over the training steps.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart as Plot, Dataset, GraphType, Widget};

use super::text::{Piece, fit, measure, thousands};
use crate::session::{Curve, Point};
use crate::ui::app::{self, App, Chart};
use crate::ui::palette;
use crate::ui::theme::Theme;

/// Columns of the values at the left of a chart.
const LABELS: u16 = 5;
/// From this ratio of highest to lowest loss on, the axis is logarithmic.
const LOGARITHMIC: f64 = 8.0;
/// So many measurements are marked one by one.
const MARKED: usize = 24;

/// One line of a chart.
struct Series<'a> {
    name: String,
    style: Style,
    curve: &'a Curve,
    /// Its points are few and are marked; else it is smoothed to what the columns can show.
    is_rare: bool,
    /// A mark at its end, where several lines are alike.
    end: Option<String>,
}

impl Chart {
    fn title(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
            Self::Faithfulness => "faithfulness",
            Self::Template => "template match",
            Self::Structure => "structure",
            Self::Dead => "dead nodes",
        }
    }

    fn text(self, value: f64) -> String {
        match self {
            Self::Loss => measure(value, 3),
            Self::Accuracy => measure(value, 4),
            Self::Faithfulness | Self::Template | Self::Structure => measure(value, 2),
            Self::Dead => format!("{value:.0}"),
        }
    }

    fn series<'a>(self, app: &'a App, theme: &Theme) -> Vec<Series<'a>> {
        let history = app.snapshot.as_ref().map(|snapshot| &*snapshot.history);
        let trend = app.study.as_ref().map(|study| &*study.trend);
        let often = |name: &str, style, curve| Series { name: name.into(), style, curve, is_rare: false, end: None };
        let rare = |name: &str, style, curve| Series { is_rare: true, ..often(name, style, curve) };
        let by_layer = |curves: &'a [Curve]| -> Vec<Series<'a>> {
            let styles = [theme.train, theme.test, theme.good, theme.value];
            let layers = curves.iter().enumerate().filter(|(_, curve)| !curve.is_empty());
            let layer = |(l, curve): (usize, &'a Curve)| {
                let number = (l + 1).to_string();
                Series { end: Some(number.clone()), ..rare(&format!("L{number} "), styles[l % styles.len()], curve) }
            };
            layers.map(layer).collect()
        };
        let square = theme.glyph("R² ", "R2 ");
        match (self, history, trend) {
            (Self::Loss, Some(h), _) => {
                vec![often("train ", theme.train, &h.train_loss), rare("test ", theme.test, &h.test_loss)]
            }
            (Self::Accuracy, Some(h), _) => {
                vec![often("train ", theme.train, &h.train_accuracy), rare("test ", theme.test, &h.test_accuracy)]
            }
            (Self::Faithfulness, _, Some(t)) => {
                vec![rare(square, theme.train, &t.faithfulness), rare("agreement ", theme.test, &t.agreement)]
            }
            (Self::Template, _, Some(t)) => vec![rare("outputs ", theme.train, &t.template_match)],
            (Self::Structure, _, Some(t)) => by_layer(&t.structure),
            (Self::Dead, _, Some(t)) => by_layer(&t.dead),
            _ => Vec::new(),
        }
    }

    /// What there is to say while there is no point.
    fn waits(self, app: &App) -> &'static str {
        match self {
            Self::Dead if app.study.as_ref().is_some_and(|study| study.n_images > 0) => "no node here has an off",
            Self::Loss | Self::Accuracy => "...",
            _ if app.study.as_ref().is_some_and(|study| study.n_images == 0) => "no test images yet",
            _ => "being measured on the test images",
        }
    }
}

/// Draws a chart with its newest values.
pub fn render(app: &App, theme: &Theme, chart: Chart, area: Rect, buf: &mut Buffer) {
    if area.height < 3 || area.width < 20 {
        return;
    }
    heading(app, theme, chart, area.width).render(Rect { height: 1, ..area }, buf);
    let series = chart.series(app, theme);
    let ends = if series.iter().any(|series| series.end.is_some()) { 2 } else { 0 };
    let plot = Rect { x: area.x + LABELS, y: area.y + 1, width: area.width - LABELS - ends, height: area.height - 2 };
    let Some(drawing) = Drawing::new(app, chart, series, plot.width) else {
        let middle = Rect { y: plot.y + plot.height / 2, height: 1, ..plot };
        let text = match chart.waits(app) {
            "..." => theme.glyph("…", "..."),
            text => text,
        };
        return Line::styled(text, theme.label).centered().render(middle, buf);
    };
    drawing.render(theme, plot, buf);
    let foot = Rect { y: plot.bottom(), height: 1, ..plot };
    let [first, last] = drawing.measured.map(|step| thousands(step as u64));
    Line::styled(if first == last { format!("step {first}") } else { first.clone() }, theme.label).render(foot, buf);
    if first != last {
        Line::styled(format!("step {last}"), theme.label).right_aligned().render(foot, buf);
    }
}

/// `loss  train .061  test .089`.
fn heading<'a>(app: &App, theme: &Theme, chart: Chart, width: u16) -> Line<'a> {
    let mut pieces = vec![(0, vec![Span::styled(chart.title(), theme.title)])];
    pieces.extend(newest(app, theme, chart));
    if let Some(study) = app.study.as_ref().filter(|study| chart == Chart::Faithfulness && study.n_images > 0) {
        pieces.push((8, vec![Span::styled(format!("on {} images", thousands(study.n_images as u64)), theme.label)]));
    }
    if app.options.live {
        let span = if app.span == app::Span::Whole { "whole run" } else { "recent" };
        pieces.push((9, vec![Span::styled(span, theme.label)]));
    }
    fit(pieces, "  ", Style::new(), width)
}

fn newest<'a>(app: &App, theme: &Theme, chart: Chart) -> Vec<Piece<'a>> {
    let series = chart.series(app, theme);
    let layers = series.iter().any(|series| series.end.is_some());
    let piece = |(i, series): (usize, Series<'_>)| {
        let value = f64::from(series.curve.last()?.value);
        // Of two lines the second, on test images, is worth more; of layers the first.
        let rank = if layers || series.is_rare && i > 0 { 1 + i as u8 } else { 2 + i as u8 };
        Some((rank, vec![Span::styled(series.name, series.style), Span::styled(chart.text(value), theme.value)]))
    };
    series.into_iter().enumerate().filter_map(piece).collect()
}

/// Draws the newest values in one line.
pub fn render_strip(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut pieces = Vec::new();
    let charts: &[Chart] = if app.is_output() {
        &[Chart::Loss, Chart::Accuracy, Chart::Faithfulness]
    } else {
        &[Chart::Loss, Chart::Accuracy, Chart::Dead]
    };
    for (rank, chart) in [1, 3, 0].into_iter().zip(charts) {
        let values = newest(app, theme, *chart);
        if values.is_empty() {
            continue;
        }
        if *chart != Chart::Faithfulness {
            pieces.push((rank, vec![Span::styled(chart.title(), theme.title)]));
        }
        pieces.extend(values.into_iter().map(|(more, spans)| (rank + more, spans)));
    }
    fit(pieces, "  ", Style::new(), area.width).render(area, buf);
}

/// The points and bounds of one chart, already on the scale of its axes.
struct Drawing<'a> {
    chart: Chart,
    lines: Vec<(Series<'a>, Vec<(f64, f64)>)>,
    /// First and last step with a measurement.
    measured: [f64; 2],
    /// The same as bounds, which are never equal.
    steps: [f64; 2],
    bounds: [f64; 2],
    logarithmic: bool,
}

impl<'a> Drawing<'a> {
    /// What there is to draw in `width` columns; `None` before the first measurement.
    fn new(app: &App, chart: Chart, series: Vec<Series<'a>>, width: u16) -> Option<Self> {
        let recent = app.span == app::Span::Recent;
        // The recent part begins where the curve with most points does.
        let from = series.iter().find(|series| !series.is_rare).and_then(|series| series.curve.points_recent().next());
        let from = from.filter(|_| recent).map_or(f64::NEG_INFINITY, |point| point.step as f64);
        let points = |series: &Series<'_>| -> Vec<(f64, f64)> {
            let points: Vec<_> = if recent && (!series.is_rare || from == f64::NEG_INFINITY) {
                series.curve.points_recent().map(as_floats).collect()
            } else {
                series.curve.points_all().map(as_floats).filter(|point| point.0 >= from).collect()
            };
            // Two braille dots a column: more points than that would only blur.
            if series.is_rare { points } else { bin(&points, usize::from(width) * 2) }
        };
        let mut lines: Vec<_> =
            series.into_iter().map(|series| (points(&series), series)).map(|(p, s)| (s, p)).collect();
        let all = || lines.iter().flat_map(|(_, points)| points).copied();
        let first = all().map(|p| p.0).reduce(f64::min)?;
        let last = all().map(|p| p.0).reduce(f64::max)?;
        let low = all().map(|p| p.1).reduce(f64::min)?;
        let high = all().map(|p| p.1).reduce(f64::max)?;
        let logarithmic = chart == Chart::Loss && low > 0.0 && high / low >= LOGARITHMIC;
        let tenth = (low * 10.0).floor() / 10.0;
        let bounds = match chart {
            Chart::Loss if logarithmic => wide([low.log10(), high.log10()]),
            Chart::Loss => wide([if low < high / 2.0 { 0.0 } else { low }, high]),
            // Whole tenths below; the best there can be above.
            Chart::Accuracy => [tenth.min(0.9), 1.0],
            Chart::Faithfulness | Chart::Template | Chart::Structure => [tenth.min(0.0), 1.0],
            Chart::Dead => [0.0, high.max(1.0)],
        };
        if logarithmic {
            lines.iter_mut().flat_map(|(_, points)| points).for_each(|point| point.1 = point.1.log10());
        }
        Some(Self { chart, lines, measured: [first, last], steps: [first, last.max(first + 1.0)], bounds, logarithmic })
    }

    fn render(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let marker = match theme.marker {
            _ if theme.palette.ascii => Marker::Custom('.'),
            palette::Marker::Braille => Marker::Braille,
            palette::Marker::Dot => Marker::Dot,
            palette::Marker::Half => Marker::HalfBlock,
        };
        let mark = if theme.palette.ascii { Marker::Custom('o') } else { Marker::Dot };
        let line = |points, style| Dataset::default().data(points).marker(marker).style(style);
        // The first line lies on top, and marks on all.
        let mut datasets: Vec<_> = self
            .lines
            .iter()
            .rev()
            .map(|(series, points)| line(points, series.style).graph_type(GraphType::Line))
            .collect();
        for (series, points) in &self.lines {
            if series.is_rare && points.len() <= MARKED {
                datasets.push(line(points, series.style).marker(mark).graph_type(GraphType::Scatter));
            }
        }
        Plot::new(datasets)
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
            let text = match self.chart {
                _ if value == 0.0 => "0".to_owned(),
                Chart::Loss => measure(value, 3),
                Chart::Dead => format!("{value:.0}"),
                _ => measure(value, 2),
            };
            let text = format!("{text:>4}");
            Line::styled(text, theme.label)
                .render(Rect { x: area.x - LABELS, y: area.y + row, width: LABELS, height: 1 }, buf);
        }
        for (series, points) in self.lines.iter().rev() {
            let (Some(end), Some(last)) = (&series.end, points.last()) else { continue };
            let row = ((high - last.1) / (high - low) * rows).round().clamp(0.0, rows) as u16;
            let place = Rect { x: area.right() + 1, y: area.y + row, width: 1, height: 1 }.intersection(buf.area);
            Line::styled(end.as_str(), series.style).render(place, buf);
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
