//! What the terminal can show, decided once from what the user said and what the environment tells.
//!
//! Nothing is asked of the terminal itself: replies arrive late over SSH and would be read as typed keys. A wrong guess
//! between 256 colours and truecolour costs nothing, because maps use the same greys in both.

use super::{Background, Depth, Glyphs, Marker, Palette};

/// The palette for a terminal, or nothing where no dashboard can be shown (`is_tty` is false, or `TERM=dumb`).
///
/// `var` looks up an environment variable; the rest is what the user chose by flag or configuration.
/// Order: flag, `NO_COLOR`, `FORCE_COLOR` and `CLICOLOR_FORCE`, `CLICOLOR=0`, then the terminal's name.
#[must_use]
pub fn palette(
    var: impl Fn(&str) -> Option<String>,
    is_tty: bool,
    color: Option<Depth>,
    ascii: bool,
    background: Option<Background>,
) -> Option<Palette> {
    if !is_tty || var("TERM").as_deref() == Some("dumb") {
        return None;
    }
    let depth = color.unwrap_or_else(|| depth(&var));
    let light = background.unwrap_or_else(|| what_text_stands_on(&var)) == Background::Light;
    Some(Palette { depth, ascii: ascii || !is_utf8(&var), light })
}

/// The characters that a terminal's font is likely to have, for small maps and for curves.
#[must_use]
pub fn characters(var: impl Fn(&str) -> Option<String>) -> (Glyphs, Marker) {
    // The Linux console's fonts have neither quadrants nor braille.
    if var("TERM").as_deref() == Some("linux") {
        (Glyphs::Half, Marker::Dot)
    } else {
        (Glyphs::Quadrant, Marker::Braille)
    }
}

fn depth(var: &impl Fn(&str) -> Option<String>) -> Depth {
    let set = |name| var(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return Depth::None;
    }
    let guess = from_name(var);
    match var("FORCE_COLOR").as_deref() {
        Some("0" | "false") => return Depth::None,
        Some("2") => return Depth::Ansi256,
        Some("3") => return Depth::TrueColor,
        Some("1") => return Depth::Ansi16,
        Some(_) => return guess,
        None => {}
    }
    let forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    if !forced && var("CLICOLOR").as_deref() == Some("0") {
        return Depth::None;
    }
    guess
}

/// Colours by the terminal's name and what it says of itself.
fn from_name(var: &impl Fn(&str) -> Option<String>) -> Depth {
    const TRUE: [&str; 7] = ["kitty", "alacritty", "foot", "wezterm", "ghostty", "contour", "rio"];
    let term = var("TERM").unwrap_or_default();
    let in_tmux = var("TMUX").is_some_and(|value| !value.is_empty());
    if term.ends_with("-direct") || TRUE.iter().any(|name| term == *name || is_kind_of(&term, name)) {
        return Depth::TrueColor;
    }
    // GNU screen hands COLORTERM down but reads 24-bit colours as something else.
    let in_screen = term.starts_with("screen") && !in_tmux;
    let colorterm = var("COLORTERM").unwrap_or_default();
    if !in_screen && matches!(colorterm.as_str(), "truecolor" | "24bit") {
        return Depth::TrueColor;
    }
    let is_256 = term.contains("256color")
        || term.starts_with("tmux")
        || (term.starts_with("screen") && in_tmux)
        || var("TERM_PROGRAM").as_deref() == Some("Apple_Terminal");
    if is_256 { Depth::Ansi256 } else { Depth::Ansi16 }
}

/// The last number of `COLORFGBG` is the background's: of the 16 colours, 7 and 9 to 15 are light. Dark where nobody says.
fn what_text_stands_on(var: &impl Fn(&str) -> Option<String>) -> Background {
    let colors = var("COLORFGBG").unwrap_or_default();
    match colors.rsplit(';').next().and_then(|last| last.parse::<u8>().ok()) {
        Some(7 | 9..=15) => Background::Light,
        _ => Background::Dark,
    }
}

/// Whether `term` is `name` with a variant behind it: `xterm-kitty`, `alacritty-256color`, `foot-extra`.
fn is_kind_of(term: &str, name: &str) -> bool {
    term.split(['-', '.']).any(|part| part == name)
}

/// The locale's character set: the first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set decides.
fn is_utf8(var: &impl Fn(&str) -> Option<String>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| var(name).filter(|value| !value.is_empty())).is_some_and(
        |locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `"A=1 B=2"` as an environment.
    fn env(text: &str) -> impl Fn(&str) -> Option<String> {
        move |name| text.split(' ').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    }

    #[test]
    fn depth_follows_the_users_word_then_the_environment_then_the_name() {
        use Depth::{Ansi16, Ansi256, None as Mono, TrueColor};
        for (vars, expected) in [
            ("TERM=xterm-256color", Ansi256),
            ("TERM=xterm-256color COLORTERM=truecolor", TrueColor),
            ("TERM=xterm-256color COLORTERM=24bit", TrueColor),
            ("TERM=xterm-256color COLORTERM=gnome-terminal", Ansi256),
            ("TERM=xterm-256color COLORTERM=", Ansi256),
            ("TERM=xterm-direct", TrueColor),
            ("TERM=xterm-kitty", TrueColor),
            ("TERM=xterm-ghostty", TrueColor),
            ("TERM=alacritty", TrueColor),
            ("TERM=foot-extra", TrueColor),
            ("TERM=rio", TrueColor),
            ("TERM=superior", Ansi16),
            ("TERM=screen COLORTERM=truecolor", Ansi16),
            ("TERM=screen-256color COLORTERM=truecolor", Ansi256),
            ("TERM=screen TMUX=/tmp/tmux-0/default,1,0", Ansi256),
            ("TERM=screen TMUX=/tmp/tmux-0/default,1,0 COLORTERM=truecolor", TrueColor),
            ("TERM=tmux", Ansi256),
            ("TERM=tmux-256color COLORTERM=truecolor", TrueColor),
            ("TERM=xterm TERM_PROGRAM=Apple_Terminal", Ansi256),
            ("TERM=linux", Ansi16),
            ("TERM=vt100", Ansi16),
            ("TERM=xterm", Ansi16),
            ("", Ansi16),
            ("TERM=xterm-256color NO_COLOR=1", Mono),
            ("TERM=xterm-256color NO_COLOR=0", Mono),
            ("TERM=xterm-256color NO_COLOR=", Ansi256),
            ("TERM=xterm-256color NO_COLOR=1 FORCE_COLOR=3", Mono),
            ("TERM=xterm-256color FORCE_COLOR=0", Mono),
            ("TERM=xterm-256color FORCE_COLOR=1", Ansi16),
            ("TERM=xterm FORCE_COLOR=2", Ansi256),
            ("TERM=xterm FORCE_COLOR=3", TrueColor),
            ("TERM=xterm FORCE_COLOR=true CLICOLOR=0", Ansi16),
            ("TERM=xterm-256color CLICOLOR=0", Mono),
            ("TERM=xterm-256color CLICOLOR=1", Ansi256),
            ("TERM=xterm-256color CLICOLOR=0 CLICOLOR_FORCE=1", Ansi256),
            ("TERM=xterm-256color CLICOLOR=0 CLICOLOR_FORCE=0", Mono),
        ] {
            assert_eq!(palette(env(vars), true, None, false, None).map(|p| p.depth), Some(expected), "{vars}");
            assert_eq!(
                palette(env(vars), true, Some(Ansi16), false, None).map(|p| p.depth),
                Some(Ansi16),
                "flag over {vars}"
            );
        }
    }

    #[test]
    fn no_dashboard_without_a_terminal() {
        assert_eq!(palette(env("TERM=xterm-256color FORCE_COLOR=3"), false, Some(Depth::TrueColor), false, None), None);
        assert_eq!(palette(env("TERM=dumb COLORTERM=truecolor"), true, None, false, None), None);
    }

    #[test]
    fn ascii_unless_the_locale_is_utf8() {
        for (vars, ascii) in [
            ("LANG=en_US.UTF-8", false),
            ("LANG=C.utf8", false),
            ("LANG=C", true),
            ("", true),
            ("LC_ALL=C LANG=en_US.UTF-8", true),
            ("LC_ALL= LC_CTYPE=de_DE.UTF-8 LANG=C", false),
            ("LC_CTYPE=de_DE.ISO-8859-1 LANG=en_US.UTF-8", true),
        ] {
            assert_eq!(palette(env(vars), true, None, false, None).map(|p| p.ascii), Some(ascii), "{vars}");
            assert_eq!(palette(env(vars), true, None, true, None).map(|p| p.ascii), Some(true), "--ascii over {vars}");
        }
    }

    #[test]
    fn the_background_is_the_users_word_or_what_the_terminal_says() {
        for (vars, light) in [
            ("", false),
            ("COLORFGBG=15;0", false),
            ("COLORFGBG=0;15", true),
            ("COLORFGBG=0;default;15", true),
            ("COLORFGBG=12;8", false),
            ("COLORFGBG=0;7", true),
            ("COLORFGBG=15;default", false),
        ] {
            let light_by = |word| palette(env(vars), true, None, false, word).map(|p| p.light);
            assert_eq!(light_by(None), Some(light), "{vars}");
            assert_eq!(light_by(Some(Background::Light)), Some(true));
            assert_eq!(light_by(Some(Background::Dark)), Some(false));
        }
    }
}
