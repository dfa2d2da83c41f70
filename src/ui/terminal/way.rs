//! Moving the cursor by few bytes.

use std::io::Write as _;

use ratatui::layout::Position;

/// Appends the shortest way to a place; raw mode makes a line feed go straight down.
pub fn way(from: Option<Position>, to: Position, out: &mut Vec<u8>) {
    let relative = from.map_or(usize::MAX, |from| relative(from, to));
    let Some(from) = from.filter(|_| relative < absolute(to)) else {
        let _ = match (to.x, to.y) {
            (0, 0) => write!(out, "\x1b[H"),
            (0, y) => write!(out, "\x1b[{}H", y + 1),
            (x, y) => write!(out, "\x1b[{};{}H", y + 1, x + 1),
        };
        return;
    };
    let (down, up) = (to.y.saturating_sub(from.y), from.y.saturating_sub(to.y));
    step(out, b'\n', b'B', down);
    step(out, 0, b'A', up);
    let (right, left) = (to.x.saturating_sub(from.x), from.x.saturating_sub(to.x));
    if 1 + length(0, to.x) < length(0, right) + length(8, left) {
        out.push(b'\r');
        step(out, 0, b'C', to.x);
    } else {
        step(out, 0, b'C', right);
        step(out, 8, b'D', left);
    }
}

/// The length of the shortest [`way`].
pub fn distance(from: Option<Position>, to: Position) -> usize {
    from.map_or(usize::MAX, |from| relative(from, to)).min(absolute(to))
}

fn absolute(to: Position) -> usize {
    match (to.x, to.y) {
        (0, 0) => 3,
        (0, y) => 3 + digits(y + 1),
        (x, y) => 4 + digits(y + 1) + digits(x + 1),
    }
}

fn relative(from: Position, to: Position) -> usize {
    let vertical = length(b'\n', to.y.saturating_sub(from.y)) + length(0, from.y.saturating_sub(to.y));
    let straight = length(0, to.x.saturating_sub(from.x)) + length(8, from.x.saturating_sub(to.x));
    vertical + straight.min(1 + length(0, to.x))
}

/// Appends `n` steps in one direction: as often the control character, if there is one, or one sequence.
fn step(out: &mut Vec<u8>, control: u8, letter: u8, n: u16) {
    let _ = match n {
        0 => Ok(()),
        n if control != 0 && usize::from(n) <= length(0, n) => out.write_all(&vec![control; n.into()]),
        1 => write!(out, "\x1b[{}", char::from(letter)),
        n => write!(out, "\x1b[{n}{}", char::from(letter)),
    };
}

/// The length of [`step`].
fn length(control: u8, n: u16) -> usize {
    let sequence = match n {
        0 => 0,
        1 => 3,
        n => 3 + digits(n),
    };
    if control == 0 { sequence } else { sequence.min(n.into()) }
}

fn digits(n: u16) -> usize {
    n.checked_ilog10().unwrap_or(0) as usize + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_the_length_of_the_way_and_the_way_leads_there() {
        let cells = |n| std::num::NonZeroU16::new(n).unwrap();
        for (from, to) in (0..130).step_by(3).flat_map(|from| (0..130).map(move |to| (from, to))) {
            for (above, below) in [(5, 5), (5, 6), (4, 11), (6, 5), (30, 2), (0, 0)] {
                let (from, to) = (Position { x: from, y: above }, Position { x: to, y: below });
                for start in [Some(from), None] {
                    let mut out = Vec::new();
                    if start != Some(to) {
                        way(start, to, &mut out);
                        assert_eq!(out.len(), distance(start, to), "{start:?} {to:?}");
                    }
                    let mut emulator = vt100::Parser::new(cells(40), cells(130), 0);
                    emulator.process(format!("\x1b[{};{}H", from.y + 1, from.x + 1).as_bytes());
                    emulator.process(&out);
                    assert_eq!(emulator.screen().cursor_position(), (to.y, to.x), "{start:?} {to:?}");
                }
            }
        }
    }
}
