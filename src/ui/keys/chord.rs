//! One key with its modifiers, as written in config.ron: `q`, `ctrl-c`, `shift-tab`, `pgdn`, `space`, `f5`.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key press in its normal form: a capital letter carries its own Shift, Back-Tab is `shift-tab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The key.
    pub code: KeyCode,
    /// Control, Alt and Shift; nothing else, and Shift only where the key does not say it itself.
    pub modifiers: KeyModifiers,
}

/// Names of the keys that are not one character, and what they are called on screen. The first name is the one printed.
const NAMED: &[(&[&str], KeyCode, &str)] = &[
    (&["space"], KeyCode::Char(' '), "Space"),
    (&["enter", "return"], KeyCode::Enter, "Enter"),
    (&["esc", "escape"], KeyCode::Esc, "Esc"),
    (&["tab"], KeyCode::Tab, "Tab"),
    (&["backspace"], KeyCode::Backspace, "Backspace"),
    (&["delete", "del"], KeyCode::Delete, "Delete"),
    (&["insert", "ins"], KeyCode::Insert, "Insert"),
    (&["left"], KeyCode::Left, "←"),
    (&["right"], KeyCode::Right, "→"),
    (&["up"], KeyCode::Up, "↑"),
    (&["down"], KeyCode::Down, "↓"),
    (&["home"], KeyCode::Home, "Home"),
    (&["end"], KeyCode::End, "End"),
    (&["pgup", "pageup"], KeyCode::PageUp, "PgUp"),
    (&["pgdn", "pagedown"], KeyCode::PageDown, "PgDn"),
];

impl Chord {
    /// The normal form of a key with modifiers. Terminals differ on whether `R` comes with Shift, on the case of a letter
    /// with Control, and on how Shift-Tab is called.
    #[must_use]
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let mut modifiers = modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match code {
            KeyCode::BackTab => {
                modifiers |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) && c.is_ascii_alphabetic() => {
                modifiers -= KeyModifiers::SHIFT;
                KeyCode::Char(c.to_ascii_lowercase())
            }
            KeyCode::Char(c) if c != ' ' => {
                let shift = modifiers.contains(KeyModifiers::SHIFT);
                modifiers -= KeyModifiers::SHIFT;
                KeyCode::Char(if shift { c.to_ascii_uppercase() } else { c })
            }
            other => other,
        };
        Self { code, modifiers }
    }

    /// How the key is called on screen: `Ctrl-C`, `PgDn`, `←`.
    #[must_use]
    pub fn label(&self, ascii: bool) -> String {
        let mut text = String::new();
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")]
        {
            if self.modifiers.contains(modifier) {
                text.push_str(name);
            }
        }
        match NAMED.iter().find(|(_, code, _)| *code == self.code) {
            Some((names, _, label)) => text.push_str(if ascii && !label.is_ascii() { names[0] } else { label }),
            None => match self.code {
                KeyCode::Char(c) if self.modifiers.contains(KeyModifiers::CONTROL) => text.push(c.to_ascii_uppercase()),
                KeyCode::Char(c) => text.push(c),
                KeyCode::F(n) => text.extend(['F'.to_string(), n.to_string()]),
                other => text.push_str(&other.to_string()),
            },
        }
        text
    }
}

impl From<KeyEvent> for Chord {
    fn from(event: KeyEvent) -> Self {
        Self::new(event.code, event.modifiers)
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SHIFT, "shift-")]
        {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match NAMED.iter().find(|(_, code, _)| *code == self.code) {
            Some((names, ..)) => f.write_str(names[0]),
            None => match self.code {
                KeyCode::Char(c) => write!(f, "{c}"),
                KeyCode::F(n) => write!(f, "f{n}"),
                other => write!(f, "{other}"),
            },
        }
    }
}

impl FromStr for Chord {
    type Err = String;

    /// # Errors
    /// What is wrong with the spelling, as a sentence without its full stop.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        loop {
            let (modifier, tail) = if let Some(tail) = rest.strip_prefix("ctrl-") {
                (KeyModifiers::CONTROL, tail)
            } else if let Some(tail) = rest.strip_prefix("alt-") {
                (KeyModifiers::ALT, tail)
            } else if let Some(tail) = rest.strip_prefix("shift-") {
                (KeyModifiers::SHIFT, tail)
            } else {
                break;
            };
            if modifiers.contains(modifier) {
                return Err(format!("a modifier is named twice in `{text}`"));
            }
            modifiers |= modifier;
            rest = tail;
        }
        Ok(Self::new(key_code(rest).ok_or_else(|| format!("`{text}` is not a key"))?, modifiers))
    }
}

fn key_code(name: &str) -> Option<KeyCode> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_whitespace() && !c.is_control()).then_some(KeyCode::Char(c));
    }
    if let Some((_, code, _)) = NAMED.iter().find(|(names, ..)| names.contains(&name)) {
        return Some(*code);
    }
    let n = name.strip_prefix('f')?.parse().ok()?;
    (1..=12).contains(&n).then_some(KeyCode::F(n))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shift_is_said_once() {
        let capital = Chord::new(KeyCode::Char('R'), KeyModifiers::NONE);
        for (code, modifiers) in [('R', KeyModifiers::SHIFT), ('r', KeyModifiers::SHIFT)] {
            assert_eq!(Chord::new(KeyCode::Char(code), modifiers), capital);
        }
        assert_eq!("shift-r".parse(), Ok(capital));
        assert_eq!("R".parse(), Ok(capital));
        assert_eq!(Chord::new(KeyCode::BackTab, KeyModifiers::NONE), "shift-tab".parse().unwrap());
        assert_eq!(Chord::new(KeyCode::Char('C'), KeyModifiers::CONTROL | KeyModifiers::SHIFT).to_string(), "ctrl-c");
        assert_eq!(Chord::new(KeyCode::Char('{'), KeyModifiers::SHIFT).to_string(), "{");
    }

    #[test]
    fn aliases_and_odd_keys_are_read() {
        assert_eq!("pagedown".parse::<Chord>().unwrap().to_string(), "pgdn");
        assert_eq!("escape".parse::<Chord>().unwrap().to_string(), "esc");
        assert_eq!("ctrl--".parse::<Chord>().unwrap().code, KeyCode::Char('-'));
        assert_eq!("-".parse::<Chord>().unwrap().code, KeyCode::Char('-'));
        assert_eq!("f12".parse::<Chord>().unwrap().code, KeyCode::F(12));
    }

    #[test]
    fn what_is_not_a_key_is_refused_with_its_name() {
        for text in ["", "ctrl-", "hyper-x", "f13", "f0", "qq", " ", "ctrl-ctrl-c", "\t"] {
            let error = text.parse::<Chord>().unwrap_err();
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn labels_are_for_people() {
        assert_eq!("ctrl-c".parse::<Chord>().unwrap().label(false), "Ctrl-C");
        assert_eq!("left".parse::<Chord>().unwrap().label(false), "←");
        assert_eq!("left".parse::<Chord>().unwrap().label(true), "left");
        assert_eq!("space".parse::<Chord>().unwrap().label(true), "Space");
    }

    fn any_code() -> impl Strategy<Value = KeyCode> {
        prop_oneof![
            any::<char>()
                .prop_filter("a printable key", |c| !c.is_whitespace() && !c.is_control())
                .prop_map(KeyCode::Char),
            (0..NAMED.len()).prop_map(|i| NAMED[i].1),
            (1..=12u8).prop_map(KeyCode::F),
            Just(KeyCode::BackTab),
        ]
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(code in any_code(), bits in 0..64u8) {
            let chord = Chord::new(code, KeyModifiers::from_bits_truncate(bits));
            prop_assert_eq!(chord.to_string().parse(), Ok(chord));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            if let Ok(chord) = text.parse::<Chord>() {
                prop_assert_eq!(chord.to_string().parse(), Ok(chord));
            }
        }
    }
}
