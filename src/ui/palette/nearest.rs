//! The nearest of 256 or 16 colours, by distance in RGB.

use ratatui::style::Color;

/// The 16 named colours as xterm draws them, in the order of their numbers.
const NAMED: [(Color, (u8, u8, u8)); 16] = [
    (Color::Black, (0, 0, 0)),
    (Color::Red, (205, 0, 0)),
    (Color::Green, (0, 205, 0)),
    (Color::Yellow, (205, 205, 0)),
    (Color::Blue, (0, 0, 238)),
    (Color::Magenta, (205, 0, 205)),
    (Color::Cyan, (0, 205, 205)),
    (Color::Gray, (229, 229, 229)),
    (Color::DarkGray, (127, 127, 127)),
    (Color::LightRed, (255, 0, 0)),
    (Color::LightGreen, (0, 255, 0)),
    (Color::LightYellow, (255, 255, 0)),
    (Color::LightBlue, (92, 92, 255)),
    (Color::LightMagenta, (255, 0, 255)),
    (Color::LightCyan, (0, 255, 255)),
    (Color::White, (255, 255, 255)),
];

/// Levels of red, green and blue in the 6x6x6 cube 16..=231.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// Red, green and blue of a colour as xterm draws it; nothing for the terminal's own colour.
#[must_use]
pub fn rgb(color: Color) -> Option<(u8, u8, u8)> {
    match color {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some((r, g, b)),
        Color::Indexed(index @ 232..) => {
            let v = 8 + 10 * (index - 232);
            Some((v, v, v))
        }
        Color::Indexed(index @ 16..) => {
            let cube = |divisor: u8| CUBE[usize::from((index - 16) / divisor % 6)];
            Some((cube(36), cube(6), cube(1)))
        }
        Color::Indexed(index) => Some(NAMED[usize::from(index)].1),
        named => NAMED.iter().find(|(color, _)| *color == named).map(|(_, rgb)| *rgb),
    }
}

/// The nearest colour of the cube and the grey ramp (0..=15 are left out: themes change them).
pub(super) fn of_256((r, g, b): (u8, u8, u8)) -> u8 {
    let side = |v: u8| (0..6).min_by_key(|i| CUBE[usize::from(*i)].abs_diff(v)).unwrap_or(0);
    let cube = 16 + 36 * side(r) + 6 * side(g) + side(b);
    let mean = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
    let grey = 232 + (mean.saturating_sub(3) / 10).min(23) as u8;
    let far = |index| rgb(Color::Indexed(index)).map_or(u32::MAX, |other| distance((r, g, b), other));
    if far(grey) < far(cube) { grey } else { cube }
}

/// The nearest named colour.
pub(super) fn of_16(color: Color) -> Color {
    let Some(wanted) = rgb(color) else { return Color::Reset };
    if let Color::Indexed(index @ 0..16) = color {
        return NAMED[usize::from(index)].0;
    }
    NAMED.iter().min_by_key(|(_, rgb)| distance(wanted, *rgb)).map_or(Color::Reset, |(color, _)| *color)
}

fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    square(a.0, b.0) + square(a.1, b.1) + square(a.2, b.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_the_cube_and_the_ramp_is_its_own_nearest_or_equal_to_it() {
        for index in 16..=255 {
            let wanted = rgb(Color::Indexed(index)).unwrap();
            assert_eq!(rgb(Color::Indexed(of_256(wanted))), Some(wanted), "{index}");
        }
    }

    #[test]
    fn named_colours_keep_their_number() {
        assert_eq!(of_16(Color::Indexed(9)), Color::LightRed);
        assert_eq!(of_16(Color::Rgb(250, 10, 10)), Color::LightRed);
        assert_eq!(rgb(Color::Cyan), Some((0, 205, 205)));
        assert_eq!(rgb(Color::Reset), None);
    }
}
