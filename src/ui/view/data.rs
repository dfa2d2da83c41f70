//! The data's tab: classes with their mean images, samples, the numbers of the whole set, and who inks which pixel.

mod ink;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use super::gallery::render_placeholder;
use super::text::{Piece, cut, fit, measure, thousands};
use crate::lens::{Survey, scale};
use crate::ui::app::App;
use crate::ui::areas::{DataAreas, Grid};
use crate::ui::keys::{Action, Hint, When};
use crate::ui::theme::Theme;
use crate::ui::widgets::MapView;

/// Pixels along one side of an image.
const SIDE: usize = 28;

/// Draws what is known of the data, or why nothing is known yet.
pub fn render(app: &App, theme: &Theme, areas: &DataAreas, buf: &mut Buffer) {
    let Some(survey) = &app.survey else {
        for area in [areas.samples.map(|grid| grid.area), areas.ink.map(|ink| ink.map)].into_iter().flatten() {
            render_placeholder(theme, area, buf);
        }
        return;
    };
    if let Some(list) = areas.list {
        render_list(app, theme, survey, list, buf);
    }
    if let Some(grid) = &areas.classes {
        for class in 0..app.n_classes() {
            let caption = class_line(app, theme, survey, class, grid.caption(class).width);
            render_image(theme, grid, class, &survey.mean_image(class), caption, buf);
        }
    }
    if let Some(grid) = &areas.samples {
        render_samples(app, theme, survey, areas, grid, buf);
    }
    if let Some(ink) = &areas.ink {
        ink::render(app, theme, survey, ink, buf);
    }
    render_facts(theme, survey, areas.facts, buf);
}

/// Which set this is and what of it is trained on, or why nothing is known of it yet.
pub fn about_set<'a>(app: &App, theme: &Theme) -> Vec<Piece<'a>> {
    let value = |text: String| vec![Span::styled(text, theme.value)];
    let Some(survey) = &app.survey else { return vec![(0, value(why_not(app).to_owned()))] };
    let mut pieces = vec![(0, value(survey.name().to_owned())), (1, value("training images".to_owned()))];
    if app.plan.train_size < survey.len() && app.plan.train_size > 0 {
        pieces.push((2, value(format!("all of them; trained on the first {}", thousands(app.plan.train_size as u64)))));
    }
    pieces
}

fn why_not(app: &App) -> &'static str {
    if !app.options.live && app.plan.test_size == 0 {
        "the data of this network is not there"
    } else if app.options.live && !app.has_begun() {
        "reading the data"
    } else {
        "counting the images"
    }
}

/// What the tab shows, from brief to full.
pub fn about_view(areas: &DataAreas) -> Vec<String> {
    match (areas.samples, areas.ink) {
        (Some(_), None) => vec![
            "What the network learns from, class by class.".to_owned(),
            "What the network learns from: images of each class, and their mean.".to_owned(),
        ],
        (None, _) => vec![
            "How many of each class ink there, and who they are.".to_owned(),
            "how often: part of the class with ink there. who: the class's part of them.".to_owned(),
            "how often: the part of the class's images with ink there. who: the class's part of all images with ink there."
                .to_owned(),
        ],
        (Some(_), Some(_)) => vec![
            "What the network learns from, and who inks which pixel.".to_owned(),
            "What the network learns from, class by class, and who inks which pixel.".to_owned(),
            "how often: the part of the class's images with ink there. who: the class's part of all images with ink there."
                .to_owned(),
            "Left: each class's mean image, and its images. Right, how often: the part of the class's images with ink \
             there. who: the class's part of all images with ink there."
                .to_owned(),
        ],
    }
}

/// What a key does here, for the status line; `None` where it does the same as anywhere else.
pub fn hint(app: &App, areas: &DataAreas, action: Action) -> Option<Hint> {
    let hint = |word, rank| Some(Hint { word, rank, when: When::Always });
    let on_pixels = app.data.on_pixels;
    match action {
        Action::Left => hint(if on_pixels { "pixel" } else { "class" }, 3),
        Action::NextPage if areas.samples.is_some() => hint("samples", 5),
        Action::Inspect => hint(if on_pixels { "classes" } else { "pixels" }, 2),
        Action::Larger if on_pixels => hint("region", 4),
        Action::NextLens => hint(if app.data.of_class { "ink of all" } else { "ink of class" }, 7),
        Action::NextScale => hint("tone", 8),
        Action::GoTo => hint("go to", 11),
        _ => None,
    }
}

/// `7`, or `7 Sneaker` where the set has names.
pub fn class_title(app: &App, class: usize) -> String {
    match app.plan.class_names.get(class) {
        Some(name) if *name != class.to_string() => format!("{class} {name}"),
        _ => class.to_string(),
    }
}

/// A class and the number of its images, all over `width` columns; the number goes first where there is no room.
fn class_line<'a>(app: &App, theme: &Theme, survey: &Survey, class: usize, width: u16) -> Line<'a> {
    let name = cut(&class_title(app, class), width);
    let count = thousands(survey.count(class) as u64);
    let free = usize::from(width).checked_sub(name.width() + count.width()).filter(|free| *free > 0);
    let gap = free.unwrap_or_else(|| usize::from(width) - name.width());
    let count = if free.is_some() { count } else { String::new() };
    let is_chosen = class == app.data.class;
    let (name_style, count_style) = match (is_chosen, app.data.on_pixels) {
        (true, false) => (theme.selected, theme.selected),
        (true, true) => (theme.accent, theme.accent),
        (false, _) => (theme.title, theme.label),
    };
    Line::from(vec![
        Span::styled(name, name_style),
        Span::styled(" ".repeat(gap), count_style),
        Span::styled(count, count_style),
    ])
}

fn render_list(app: &App, theme: &Theme, survey: &Survey, area: Rect, buf: &mut Buffer) {
    for (class, y) in (0..app.n_classes()).zip(area.y..area.bottom()) {
        let line = Rect { y, height: 1, ..area };
        class_line(app, theme, survey, class, line.width).render(line, buf);
    }
}

/// An image of values from 0 = no ink to 1 = full ink, with its caption.
fn render_image(theme: &Theme, grid: &Grid, place: usize, values: &[f64], caption: Line<'_>, buf: &mut Buffer) {
    let side = usize::from(grid.size.side());
    let resampled = if side == SIDE { values.to_vec() } else { scale::resample(values, side) };
    let levels = scale::levels(&resampled, (0.0, 1.0));
    (&MapView { levels: &levels, side, double: false, palette: theme.palette }).render(grid.map(place), buf);
    caption.render(grid.caption(place), buf);
}

/// A page of images of the class under the cursor; in the first place its mean, where that is not shown elsewhere.
fn render_samples(app: &App, theme: &Theme, survey: &Survey, areas: &DataAreas, grid: &Grid, buf: &mut Buffer) {
    let (class, count) = (app.data.class, survey.count(app.data.class));
    let mut place = 0;
    if areas.list.is_some() {
        let caption = Line::styled("mean", theme.title);
        render_image(theme, grid, place, &survey.mean_image(class), caption, buf);
        place += 1;
    }
    let first = areas.first_sample(app.data.rank());
    let ranks = first..(first + areas.samples_a_page()).min(count);
    for rank in ranks.clone() {
        let Some((number, image)) = survey.image(class, rank) else { break };
        let values: Vec<f64> = image.iter().map(|&level| f64::from(level) / 255.0).collect();
        let caption = Line::styled(format!("#{number}"), theme.label);
        render_image(theme, grid, place, &values, caption, buf);
        place += 1;
    }
    let shown = match ranks.len() {
        0 => "no images".to_owned(),
        _ => format!("{}-{} of {} images", ranks.start + 1, ranks.end, thousands(count as u64)),
    };
    let pieces = vec![
        (0, vec![Span::styled(class_title(app, class), theme.title)]),
        (1, vec![Span::styled(shown, theme.value)]),
        (2, vec![Span::styled("in file order", theme.label)]),
    ];
    fit(pieces, "  ", Style::new(), areas.samples_title.width).render(areas.samples_title, buf);
}

/// The numbers of the whole set, in as many lines as they need.
fn render_facts(theme: &Theme, survey: &Survey, area: Rect, buf: &mut Buffer) {
    let facts = [
        ("images ", thousands(survey.len() as u64)),
        ("mean ", measure(survey.mean(), 4)),
        ("std ", measure(survey.sigma(), 4)),
        ("inked ", format!("{:.1} %", 100.0 * survey.inked())),
        ("never inked ", format!("{} px", survey.never_inked())),
    ];
    let (mut x, mut y) = (area.x, area.y);
    for (name, value) in facts {
        let line = Line::from(vec![Span::styled(name, theme.label), Span::styled(value, theme.value)]);
        let width = line.width() as u16;
        if x > area.x && x + width > area.right() {
            (x, y) = (area.x, y + 1);
        }
        if y >= area.bottom() {
            break;
        }
        line.render(Rect { x, y, width, height: 1 }.intersection(area), buf);
        x += width + 2;
    }
}
