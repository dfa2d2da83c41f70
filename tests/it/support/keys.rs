#![expect(clippy::panic, reason = "helpers of tests, where a panic is the failure")]
//! A string of keys as the events that a terminal would send: `jjl<enter>/12<enter><shift-tab>`.

use crossterm::event::KeyEvent;
use weightscope::ui::keys::Chord;

/// The events of `keys`: characters as they are, other keys by their names in angle brackets.
pub fn events(keys: &str) -> Vec<KeyEvent> {
    let mut events = Vec::new();
    let mut rest = keys;
    while let Some(c) = rest.chars().next() {
        let (name, tail) = match rest.split_once('>') {
            Some((name, tail)) if c == '<' && name.len() > 2 => (name[1..].to_owned(), tail),
            _ if c == ' ' => ("space".to_owned(), &rest[1..]),
            _ => (c.to_string(), &rest[c.len_utf8()..]),
        };
        let chord: Chord = name.parse().unwrap_or_else(|e| panic!("{e}"));
        events.push(KeyEvent::new(chord.code, chord.modifiers));
        rest = tail;
    }
    events
}
