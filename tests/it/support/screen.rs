//! A screen as text that shows what a plain dump hides: greys and styles.
//!
//! A cell of a picture becomes two hex digits, the upper and the lower pixel's level / 16. Text in a named style stands
//! as `{label text}`; text in the terminal's own style stands as it is. The patch that shows the grey of 0 is
//! `{patch 707}`: the 0 between its level / 16.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};
use weightscope::ui::theme::Theme;

/// The whole buffer, line by line, without blanks at the ends of lines.
pub fn styled(buf: &Buffer, theme: &Theme) -> String {
    let mut out = String::new();
    for y in buf.area.top()..buf.area.bottom() {
        let mut line = String::new();
        let mut open = "";
        for x in buf.area.left()..buf.area.right() {
            let cell = &buf[(x, y)];
            let (name, text) = match levels(cell) {
                Some((upper, lower)) => ("", format!("{:x}{:x}", upper >> 4, lower >> 4)),
                None if let Color::Rgb(level, ..) = cell.bg => {
                    ("patch", if cell.symbol() == " " { format!("{:x}", level >> 4) } else { cell.symbol().to_owned() })
                }
                // A blank shows no colour, only reversal: it goes on with the style before it, if it has the same.
                None if cell.symbol() == " " && !cell.modifier.contains(Modifier::REVERSED) => {
                    let name = style_name(cell, theme);
                    (if name == open { name } else { "" }, " ".to_owned())
                }
                None => (style_name(cell, theme), cell.symbol().to_owned()),
            };
            if name != open {
                line.push_str(if open.is_empty() { "" } else { "}" });
                if !name.is_empty() {
                    line.extend(["{", name, " "]);
                }
                open = name;
            }
            line.push_str(&text);
        }
        line.push_str(if open.is_empty() { "" } else { "}" });
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Only the characters, line by line.
pub fn text(buf: &Buffer) -> String {
    let line = |y| (buf.area.left()..buf.area.right()).map(|x| buf[(x, y)].symbol()).collect::<String>();
    (buf.area.top()..buf.area.bottom()).map(|y| line(y) + "\n").collect()
}

/// The exact levels of a cell of a picture: upper and lower pixel.
pub fn levels(cell: &Cell) -> Option<(u8, u8)> {
    match (cell.symbol(), cell.fg, cell.bg) {
        ("▀", Color::Rgb(upper, ..), Color::Rgb(lower, ..)) => Some((upper, lower)),
        _ => None,
    }
}

fn style_name(cell: &Cell, theme: &Theme) -> &'static str {
    let style = |style: Style| (style.fg.unwrap_or_default(), style.add_modifier);
    let is = |other: Style| (cell.fg, cell.modifier) == style(other);
    [
        ("", theme.value),
        ("label", theme.label),
        ("title", theme.title),
        ("accent", theme.accent),
        ("selected", theme.selected),
        ("good", theme.good),
        ("warn", theme.warn),
        ("bad", theme.bad),
        ("train", theme.train),
        ("test", theme.test),
    ]
    .into_iter()
    .find(|(_, other)| is(*other))
    .map_or("UNNAMED", |(name, _)| name)
}
