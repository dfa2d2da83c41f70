//! Numbers and lines as short text.

use std::time::Duration;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// `60000` as `60,000`.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count in at most four characters: `812`, `6.3k`, `63k`, `1.2M`.
#[must_use]
pub fn short_count(n: f64) -> String {
    let (n, unit) = match n.abs() {
        a if a >= 999_500.0 => (n / 1e6, "M"),
        a if a >= 999.5 => (n / 1e3, "k"),
        _ => return format!("{n:.0}"),
    };
    if n.abs() < 9.95 { format!("{n:.1}{unit}") } else { format!("{n:.0}{unit}") }
}

/// A signed number with about `digits` significant ones: `+.41`, `-3.9`, `+12`, `+6.3k` for 2.
#[must_use]
pub fn signed(value: f32, digits: usize) -> String {
    let value = f64::from(value);
    let a = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return "?".to_owned();
    }
    let sign = if value < 0.0 { '-' } else { '+' };
    // Two numbers of `digits` places may round up into the next decade: 0.996 is "1.0".
    let half = 0.5 * 10f64.powi(-(digits as i32));
    let text = if a < half {
        let tiny = format!("{a:.0e}");
        return format!("{sign}{tiny}");
    } else if a < 1.0 - half {
        format!("{a:.digits$}").trim_start_matches('0').to_owned()
    } else if a < 10.0 - 10.0 * half {
        format!("{a:.*}", digits - 1)
    } else if a < 100.0 - 100.0 * half {
        format!("{a:.*}", digits - 2)
    } else {
        short_count(a)
    };
    format!("{sign}{text}")
}

/// A share or a loss with three or four places and no leading zero: `.089`, `.9763`, `2.30`.
#[must_use]
pub fn measure(value: f64, places: usize) -> String {
    if value.abs() >= 1.0 - 0.5 * 10f64.powi(-(places as i32)) {
        format!("{value:.2}")
    } else {
        let text = format!("{:.places$}", value.abs());
        let sign = if value < 0.0 && text.contains(|digit| matches!(digit, '1'..='9')) { "-" } else { "" };
        format!("{sign}{}", text.trim_start_matches('0'))
    }
}

/// `0:17`, `12:05`, `3:07:00`.
#[must_use]
pub fn clock(time: Duration) -> String {
    let s = time.as_secs();
    match s / 3600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        h => format!("{h}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

/// As much of `text` as fits into `width` columns, with a mark where it was cut.
#[must_use]
pub fn cut(text: &str, width: u16) -> String {
    let width = usize::from(width);
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if out.width() + 2 > width {
            out.pop();
            break;
        }
    }
    out.push_str("..");
    out.chars().take(width).collect()
}

/// Rows that `text` takes where lines of `width` columns are broken between words.
#[must_use]
pub fn rows(text: &str, width: u16) -> u16 {
    let (mut rows, mut column) = (1, 0);
    for word in text.split(' ').map(UnicodeWidthStr::width) {
        let end = if column == 0 { word } else { column + 1 + word };
        if end <= usize::from(width) {
            column = end;
        } else {
            rows += 1;
            column = word;
        }
    }
    rows
}

/// A piece of a line: text in a style, and how dear it is (the highest rank is dropped first when there is no room).
pub type Piece<'a> = (u8, Vec<Span<'a>>);

/// Columns that all the pieces take.
#[must_use]
pub fn width_of(pieces: &[Piece<'_>], gap: &str) -> usize {
    let text: usize = pieces.iter().flat_map(|(_, spans)| spans).map(Span::width).sum();
    text + gap.width() * pieces.len().saturating_sub(1)
}

/// The pieces that fit into `width` columns, in their order, with `gap` between them.
#[must_use]
pub fn fit<'a>(mut pieces: Vec<Piece<'a>>, gap: &'a str, gap_style: Style, width: u16) -> Line<'a> {
    while width_of(&pieces, gap) > usize::from(width) && pieces.len() > 1 {
        let dearest = pieces.iter().enumerate().max_by_key(|(_, (rank, _))| *rank).map_or(0, |(i, _)| i);
        pieces.remove(dearest);
    }
    let mut spans = Vec::new();
    for (i, (_, piece)) in pieces.into_iter().enumerate() {
        if i > 0 {
            spans.push(Span::styled(gap, gap_style));
        }
        spans.extend(piece);
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_are_grouped_and_shortened() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(60_000), "60,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
        for (n, text) in [(812.0, "812"), (6340.0, "6.3k"), (63_400.0, "63k"), (999_600.0, "1.0M"), (2.5e6, "2.5M")] {
            assert_eq!(short_count(n), text);
        }
    }

    #[test]
    fn signed_numbers_keep_their_significant_digits() {
        for (value, digits, text) in [
            (0.0, 2, "0"),
            (0.4149, 2, "+.41"),
            (-0.4149, 3, "-.415"),
            (0.012, 2, "+.01"),
            (0.012, 3, "+.012"),
            (-0.0004, 2, "-4e-4"),
            (0.996, 2, "+1.0"),
            (3.87, 2, "+3.9"),
            (3.87, 3, "+3.87"),
            (9.96, 2, "+10"),
            (12.44, 3, "+12.4"),
            (-123.4, 3, "-123"),
            (63_412.0, 2, "+63k"),
            (f32::NAN, 2, "?"),
        ] {
            assert_eq!(signed(value, digits), text, "{value} {digits}");
        }
    }

    #[test]
    fn shares_and_losses() {
        assert_eq!(measure(0.97634, 4), ".9763");
        assert_eq!(measure(0.0887, 3), ".089");
        assert_eq!(measure(2.3141, 3), "2.31");
        assert_eq!(measure(0.99996, 4), "1.00");
        assert_eq!(measure(0.0, 3), ".000");
        assert_eq!(measure(-0.012, 2), "-.01");
        assert_eq!(measure(-0.001, 2), ".00");
    }

    #[test]
    fn a_line_is_broken_between_words() {
        assert_eq!(rows("", 4), 1);
        assert_eq!(rows("ink on it", 9), 1);
        assert_eq!(rows("ink on it", 8), 2);
        assert_eq!(rows("ink on it", 4), 3);
        // Not at a space that is to hold.
        assert_eq!(rows("R²\u{a0}.40 over 10", 8), 2);
        assert_eq!(rows("of R²\u{a0}.40", 7), 2);
    }

    #[test]
    fn times() {
        assert_eq!(clock(Duration::from_millis(17_900)), "0:17");
        assert_eq!(clock(Duration::from_secs(3 * 3600 + 7 * 60)), "3:07:00");
    }

    #[test]
    fn the_dearest_pieces_go_first() {
        let pieces = || vec![(0, vec![Span::raw("name")]), (2, vec![Span::raw("batch")]), (1, vec![Span::raw("seed")])];
        let shown = |width| fit(pieces(), " · ", Style::new(), width).to_string();
        assert_eq!(shown(40), "name · batch · seed");
        assert_eq!(shown(18), "name · seed");
        assert_eq!(shown(4), "name");
        assert_eq!(shown(1), "name");
    }

    proptest! {
        #[test]
        fn signed_numbers_are_short(value in prop::num::f32::NORMAL, digits in 2..4usize) {
            let text = signed(value, digits);
            if (1e-9..1e8).contains(&value.abs()) {
                prop_assert!(text.len() <= digits + 3, "{}", text);
                prop_assert_eq!(text.starts_with('-'), value < 0.0);
            }
        }

        #[test]
        fn cut_text_fits(text in ".*", width in 0..50u16) {
            prop_assert!(cut(&text, width).width() <= usize::from(width));
        }
    }
}
