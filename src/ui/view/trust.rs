//! How far to trust the pictures of the outputs, in numbers and two sentences, and why there is no picture where there is
//! none.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::text::{measure, thousands};
use super::words;
use crate::lens::{Lens, Needs, Over};
use crate::nn::Activation;
use crate::session::Phase;
use crate::ui::app::App;
use crate::ui::theme::Theme;

/// Rows from which each number has a line that says what it is.
const GLOSSED_ROWS: u16 = 10;
/// Rows from which there is one to spare that says whose they are.
const HEADED_ROWS: u16 = 8;

/// Outside of where there is hardly ever ink: `rows 3-25, columns 4-24`.
pub fn inked_area(app: &App) -> Option<String> {
    let [rows, columns] = app.right_page()?.inked.as_ref()?;
    let [top, bottom, left, right] = [rows.start(), rows.end(), columns.start(), columns.end()];
    Some(format!("rows {top}-{bottom}, columns {left}-{right}"))
}

/// Draws the numbers that the study has of the plain maps of the outputs.
pub fn render(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(study) = app.study.as_ref().filter(|study| study.n_images > 0) else {
        if !app.has_begun() || app.plan.data.contains("not found") {
            return;
        }
        let why = "How far to trust these pictures is being measured: the test images are being read and looked at.";
        return Paragraph::new(why).style(theme.label).wrap(Wrap { trim: true }).render(area, buf);
    };
    let glossed = area.height >= GLOSSED_ROWS;
    let dash = || theme.glyph("–", "-").to_owned();
    let mut lines = Vec::new();
    // What stands here is of the plain maps, whatever is beside it.
    let (whose, style) = match (app.lens, glossed) {
        (Lens::Plain, true) => ("Numbers of these plain maps, all outputs:", theme.label),
        (Lens::Plain, false) => ("Of these plain maps, all outputs:", theme.label),
        _ => ("Of the maps of lens plain, not of these:", theme.warn),
    };
    if glossed || area.height >= HEADED_ROWS {
        lines.push(Line::styled(whose, style));
    }
    let guess = format!("1 always, a guess {}", measure(1.0 / app.n_nodes().max(1) as f64, 2));
    let outside = inked_area(app).map(|area| format!("rim: outside {area}"));
    for (name, value, scale, gloss) in [
        (
            if glossed {
                theme.glyph("R², mean", "R2, mean")
            } else {
                theme.glyph("plain R², mean", "plain R2, mean")
            },
            study.output_faithfulness(),
            "1 all, good from .9",
            ["how much of the scores they foretell", "how much they foretell"],
        ),
        (
            "agreement",
            study.agreement,
            guess.as_str(),
            ["how often they answer as the network", "they answer as the network"],
        ),
        (
            "template match",
            study.template_match,
            "1 the same, 0 unlike",
            ["likeness to the digit's average image", "likeness to the mean image"],
        ),
        (
            "edge share",
            study.edge_share,
            "do not read that part",
            [outside.as_deref().unwrap_or("of the map: the rim, hardly ever inked"), "the rim: hardly ever ink"],
        ),
    ] {
        let value = value.map_or_else(dash, |value| measure(value, 2));
        let mut line =
            Line::from(vec![Span::styled(format!("{name:15}"), theme.label), Span::styled(value, theme.title)]);
        if line.width() + 2 + scale.len() <= usize::from(area.width) {
            line.push_span(Span::styled(format!("  {scale}"), theme.label));
        }
        lines.push(line);
        if glossed {
            let gloss = gloss.into_iter().find(|gloss| gloss.len() < usize::from(area.width)).unwrap_or_default();
            lines.push(Line::styled(format!(" {gloss}"), theme.value));
        }
    }
    let (n, n_test) = (thousands(study.n_images as u64), thousands(study.n_test as u64));
    let of = if study.is_whole() { format!("all {n}") } else { format!("{n} of {n_test}") };
    let step = if app.page.as_ref().is_some_and(|page| page.step == study.step) {
        String::new()
    } else {
        format!(", at step {}", thousands(study.step))
    };
    let right = study.judged.iter().filter(|judged| judged.label == judged.answer).count();
    let right = right as f64 / study.judged.len().max(1) as f64 * 100.0;
    let words = if glossed {
        format!("Measured on {of} test images{step}; the network itself is right on {right:.1} %.")
    } else {
        let agreement = study.agreement.unwrap_or_default() * 100.0;
        format!(
            "On {of} test images{step}: the plain maps alone pick the network's answer on {agreement:.0} %; the network \
             is right on {right:.1} %."
        )
    };
    if area.height > lines.len() as u16 + 2 {
        lines.push(Line::default());
    }
    let n_lines = lines.len() as u16;
    for (line, y) in lines.into_iter().zip(area.y..area.bottom()) {
        line.render(Rect { y, height: 1, ..area }, buf);
    }
    let below = Rect { y: area.y + n_lines, height: area.height.saturating_sub(n_lines), ..area }.intersection(area);
    Paragraph::new(words).style(theme.value).wrap(Wrap { trim: true }).render(below, buf);
}

/// Why there is no picture, if there can be none now.
#[must_use]
pub fn missing(app: &App) -> Option<String> {
    let lens = words::lens_name(app.lens);
    match app.right_page()?.needs.filter(|_| app.right_page().is_some_and(|page| page.maps.is_empty())) {
        _ if app.plan.shape.inputs != 784 => Some("There are pictures of networks with 28x28 inputs only.".to_owned()),
        None => None,
        Some(Needs::Data) if app.plan.data.contains("not found") => Some(format!(
            "The lens {lens} looks at test images, and this network's data was not found: name it with --data SOURCE."
        )),
        Some(Needs::Data) if app.snapshot.as_ref().is_some_and(|s| matches!(s.phase, Phase::Failed(_))) => {
            Some(format!("The lens {lens} looks at test images, and they could not be read."))
        }
        Some(Needs::Data) => Some(format!("The lens {lens} looks at test images: they are being read.")),
        Some(Needs::Image) => Some(match app.over() {
            Over::Class(class) => format!("There is no test image of class {class} to look at: a takes others."),
            Over::Image(image) => format!("There is no test image {image}: i picks another."),
            Over::Own | Over::All => "There is no test image to look at.".to_owned(),
        }),
        Some(Needs::Relu) => Some(needs_relu(app)),
    }
}

/// Why there is no exact evidence.
#[must_use]
pub fn needs_relu(app: &App) -> String {
    let name = match app.plan.shape.activation {
        Activation::Relu => "ReLU",
        Activation::Tanh => "tanh",
        Activation::Sigmoid => "sigmoid",
    };
    format!("Exact evidence needs ReLU: this network has {name}.")
}

/// Draws why there is no picture, over the place of all.
pub fn render_missing(theme: &Theme, text: &str, area: Rect, buf: &mut Buffer) {
    let middle = Rect { y: area.y + area.height / 3, height: area.height - area.height / 3, ..area };
    Paragraph::new(text).style(theme.warn).centered().wrap(Wrap { trim: true }).render(middle, buf);
}
