//! Colours and attributes as the shortest escape sequence from one to the next.

use ratatui::style::{Color, Modifier};

/// Colours and attributes that the next character will have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pen {
    /// Colour of the character.
    pub fg: Color,
    /// Colour behind it.
    pub bg: Color,
    /// Bold, reversed, ...
    pub modifier: Modifier,
}

impl Pen {
    /// The terminal's own colours, no attributes.
    pub const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };
}

/// Attributes and the codes that switch them on and off; 22 ends both bold and dim, 25 both kinds of blink.
const ATTRIBUTES: [(Modifier, &str, &str); 9] = [
    (Modifier::BOLD, "1", "22"),
    (Modifier::DIM, "2", "22"),
    (Modifier::ITALIC, "3", "23"),
    (Modifier::UNDERLINED, "4", "24"),
    (Modifier::SLOW_BLINK, "5", "25"),
    (Modifier::RAPID_BLINK, "6", "25"),
    (Modifier::REVERSED, "7", "27"),
    (Modifier::HIDDEN, "8", "28"),
    (Modifier::CROSSED_OUT, "9", "29"),
];

/// Appends what takes the terminal's pen `from` (nothing: not known) to `to`, by single changes or by a reset and a
/// fresh start, whichever is shorter.
pub fn change(from: Option<Pen>, to: Pen, out: &mut Vec<u8>) {
    if from == Some(to) {
        return;
    }
    let mut fresh = String::from("0");
    changes(Pen::PLAIN, to, &mut fresh);
    let codes = match from {
        Some(from) => {
            let mut single = String::new();
            changes(from, to, &mut single);
            if single.len() <= fresh.len() { single } else { fresh }
        }
        None => fresh,
    };
    out.extend_from_slice(b"\x1b[");
    out.extend_from_slice(if codes == "0" { b"" } else { codes.as_bytes() });
    out.push(b'm');
}

fn changes(from: Pen, to: Pen, codes: &mut String) {
    let gone = from.modifier - to.modifier;
    let mut kept = from.modifier;
    for (attribute, _, off) in ATTRIBUTES {
        // An attribute that was ended together with another one needs no second code.
        if gone.contains(attribute) && kept.contains(attribute) {
            push(codes, off);
            for (also, _, _) in ATTRIBUTES.iter().filter(|(_, _, other)| *other == off) {
                kept.remove(*also);
            }
        }
    }
    for (attribute, on, _) in ATTRIBUTES {
        if to.modifier.contains(attribute) && !kept.contains(attribute) {
            push(codes, on);
        }
    }
    if from.fg != to.fg {
        push(codes, &color(to.fg, 30));
    }
    if from.bg != to.bg {
        push(codes, &color(to.bg, 40));
    }
}

fn push(codes: &mut String, code: &str) {
    if !codes.is_empty() {
        codes.push(';');
    }
    codes.push_str(code);
}

/// The codes of a colour; `base` is 30 for characters and 40 for what is behind them.
fn color(color: Color, base: u8) -> String {
    let n = match color {
        Color::Reset => return (base + 9).to_string(),
        Color::Rgb(r, g, b) => return format!("{};2;{r};{g};{b}", base + 8),
        Color::Indexed(index @ 16..) => return format!("{};5;{index}", base + 8),
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    if n < 8 { (base + n).to_string() } else { (base + 60 + n - 8).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(from: Option<Pen>, to: Pen) -> String {
        let mut out = Vec::new();
        change(from, to, &mut out);
        String::from_utf8(out).unwrap().replace('\x1b', "")
    }

    fn pen(fg: Color, bg: Color, modifier: Modifier) -> Pen {
        Pen { fg, bg, modifier }
    }

    #[test]
    fn sends_only_what_changes() {
        let grey = pen(Color::Indexed(240), Color::Indexed(233), Modifier::empty());
        assert_eq!(codes(Some(grey), grey), "");
        assert_eq!(codes(Some(grey), Pen { bg: Color::Indexed(234), ..grey }), "[48;5;234m");
        assert_eq!(codes(Some(grey), Pen { fg: Color::Reset, ..grey }), "[39m");
        assert_eq!(codes(Some(grey), Pen::PLAIN), "[m");
        assert_eq!(codes(None, Pen::PLAIN), "[m");
        assert_eq!(codes(None, pen(Color::Red, Color::White, Modifier::BOLD)), "[0;1;31;107m");
    }

    #[test]
    fn named_colours_are_short() {
        assert_eq!(codes(Some(Pen::PLAIN), pen(Color::DarkGray, Color::White, Modifier::empty())), "[90;107m");
        assert_eq!(codes(Some(Pen::PLAIN), pen(Color::Indexed(3), Color::Indexed(12), Modifier::empty())), "[33;104m");
        assert_eq!(codes(Some(Pen::PLAIN), pen(Color::Rgb(1, 2, 3), Color::Reset, Modifier::empty())), "[38;2;1;2;3m");
    }

    #[test]
    fn bold_and_dim_end_together_and_the_one_that_stays_is_said_again() {
        let both = Pen { modifier: Modifier::BOLD | Modifier::DIM, fg: Color::Indexed(200), ..Pen::PLAIN };
        assert_eq!(codes(Some(both), Pen { modifier: Modifier::DIM, ..both }), "[22;2m");
        assert_eq!(codes(Some(both), Pen { modifier: Modifier::REVERSED, ..both }), "[22;7m");
        assert_eq!(
            codes(Some(Pen { modifier: Modifier::REVERSED, ..both }), Pen { modifier: Modifier::empty(), ..both }),
            "[27m"
        );
    }
}
