//! What is sent, seen through a terminal emulator.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::ui::palette::{Depth, Glyphs, Ramp, blocks};

const PALETTE: Palette = Palette { depth: Depth::TrueColor, ascii: false, light: false };

fn emulator(size: Size) -> vt100::Parser {
    let cells = |n| NonZeroU16::new(n).unwrap();
    vt100::Parser::new(cells(size.height), cells(size.width), 0)
}

/// A cell as the eye sees it: the colours of its eighths, or a character; of a blank only what shows.
#[derive(Debug, PartialEq)]
enum Seen {
    Pixels([vt100::Color; 8]),
    Text(String, vt100::Color, vt100::Color, [bool; 5]),
}

fn seen(emulator: &vt100::Parser) -> Vec<Vec<Seen>> {
    let screen = emulator.screen();
    let (rows, columns) = screen.size();
    let cell = |row, column| {
        let cell = screen.cell(row, column).unwrap();
        let attributes = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
        let text = if cell.contents().is_empty() { " " } else { cell.contents() };
        let lit = match blocks::mask(text) {
            Some(lit) if attributes == [false; 5] => Some(lit),
            _ if text == " " && !cell.underline() && !cell.inverse() => Some(0),
            _ => None,
        };
        let Some(lit) = lit else {
            return Seen::Text(text.to_owned(), cell.fgcolor(), cell.bgcolor(), attributes);
        };
        Seen::Pixels(std::array::from_fn(|part| if lit >> part & 1 == 1 { cell.fgcolor() } else { cell.bgcolor() }))
    };
    (0..rows.get()).map(|row| (0..columns.get()).map(|column| cell(row, column)).collect()).collect()
}

/// Every cell with its place and its whole style: many bytes, nothing to get wrong.
fn plain_repaint(buffer: &Buffer) -> Vec<u8> {
    let mut out = b"\x1b[m\x1b[2J".to_vec();
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let cell = &buffer[(x, y)];
            out.extend_from_slice(format!("\x1b[{};{}H", y + 1, x + 1).as_bytes());
            sgr::change(None, sgr::Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }, &mut out);
            out.extend_from_slice(cell.symbol().as_bytes());
            x += cell.symbol().width().max(1) as u16;
        }
    }
    out
}

/// A painter behind ratatui's own drawing, without the thread.
struct Rig {
    terminal: ratatui::Terminal<Screen>,
    link: Arc<Link>,
    painter: Painter,
    emulator: vt100::Parser,
    frame: Option<Frame>,
    now: Instant,
}

impl Rig {
    fn new(size: Size, palette: Palette, rate: u32) -> Self {
        let link = Arc::new(Link::default());
        let terminal = ratatui::Terminal::new(Screen::new(Arc::clone(&link), move || Ok(size))).unwrap();
        let now = Instant::now();
        let painter = Painter::new(palette, rate, now);
        Self { terminal, link, painter, emulator: emulator(size), frame: None, now }
    }

    /// Draws a frame, lets the painter paint as often as it wants to in a tenth of a second, shows all to the emulator;
    /// returns the bytes.
    fn draw(&mut self, render: impl FnOnce(&mut Buffer)) -> usize {
        self.terminal.draw(|frame| render(frame.buffer_mut())).unwrap();
        self.frame = self.link.next(None).unwrap().frame;
        self.link.done();
        let mut left = Duration::from_millis(100);
        self.now += left;
        let mut sum = 0;
        loop {
            let (bytes, again) = self.paint();
            sum += bytes;
            let Some(again) = again.filter(|again| *again < left) else { return sum };
            left -= again;
            self.now += again;
        }
    }

    fn paint(&mut self) -> (usize, Option<Duration>) {
        let (bytes, again) = self.painter.paint(self.frame.as_ref().unwrap(), self.now);
        self.emulator.process(&bytes);
        (bytes.len(), again)
    }

    /// Lets time pass until the painter has nothing more to do; returns bytes and the time it took.
    fn settle(&mut self) -> (usize, Duration) {
        let (start, mut sum) = (self.now, 0);
        loop {
            let (bytes, again) = self.paint();
            sum += bytes;
            let Some(again) = again else { return (sum, self.now - start) };
            assert!(self.now - start < Duration::from_secs(120), "never settles");
            self.now += again;
        }
    }
}

fn color() -> impl Strategy<Value = Color> {
    prop_oneof![
        3 => (232..=255u8).prop_map(Color::Indexed),
        1 => Just(Color::Reset),
        1 => prop_oneof![Just(Color::Red), Just(Color::LightCyan), Just(Color::White)],
        1 => (0..=255u8).prop_map(Color::Indexed),
        1 => (0..=255u8).prop_map(|v| Color::Rgb(v, 200, 7)),
    ]
}

fn style() -> impl Strategy<Value = Style> {
    // No dim: the emulator cannot have it together with bold.
    let modifiers = prop_oneof![
        4 => Just(Modifier::empty()),
        1 => prop_oneof![Just(Modifier::BOLD), Just(Modifier::REVERSED)],
        1 => Just(Modifier::BOLD | Modifier::ITALIC | Modifier::UNDERLINED),
    ];
    (color(), color(), modifiers).prop_map(|(fg, bg, modifier)| Style::new().fg(fg).bg(bg).add_modifier(modifier))
}

type Mark = (u16, u16, &'static str, Style);

/// A frame: what is written where, in order.
fn marks(size: Size) -> impl Strategy<Value = Vec<Mark>> {
    let text = prop_oneof![
        5 => Just("▀"),
        1 => Just("▄"),
        1 => Just("█"),
        2 => prop_oneof![Just("▌"), Just("▞"), Just("▗"), Just("▜"), Just("𜴄")],
        2 => Just(" "),
        2 => Just("abc"),
        1 => Just("你a"),
        1 => Just("é─"),
        1 => Just("▀▀▀▀▀▀▀▀▀"),
        1 => Just("          "),
    ];
    proptest::collection::vec((0..size.width, 0..size.height, text, style()), 0..40)
}

fn apply(buffer: &mut Buffer, marks: &[Mark]) {
    for (x, y, text, style) in marks {
        buffer.set_string(*x, *y, text, *style);
    }
}

proptest! {
    /// However few bytes are sent, the terminal shows what a full repaint of the same buffer shows.
    #[test]
    fn shows_the_same_as_a_plain_repaint(frames in proptest::collection::vec(marks(Size::new(9, 5)), 1..6)) {
        let size = Size::new(9, 5);
        let mut rig = Rig::new(size, PALETTE, 1 << 30);
        for marks in frames {
            rig.draw(|buffer| apply(buffer, &marks));
            let mut buffer = Buffer::empty(Rect::from((ratatui::layout::Position::ORIGIN, size)));
            apply(&mut buffer, &marks);
            let mut plain = emulator(size);
            plain.process(&plain_repaint(&buffer));
            prop_assert_eq!(seen(&rig.emulator), seen(&plain));
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// With a budget it takes longer, and ends at the very same screen.
    #[test]
    fn converges_to_the_same_within_a_budget(frames in proptest::collection::vec(marks(Size::new(20, 8)), 1..4)) {
        let size = Size::new(20, 8);
        let mut rig = Rig::new(size, PALETTE, 200);
        for marks in &frames {
            rig.draw(|buffer| apply(buffer, marks));
        }
        rig.settle();
        let mut buffer = Buffer::empty(Rect::from((ratatui::layout::Position::ORIGIN, size)));
        apply(&mut buffer, &frames[frames.len() - 1]);
        let mut plain = emulator(size);
        plain.process(&plain_repaint(&buffer));
        prop_assert_eq!(seen(&rig.emulator), seen(&plain));
        prop_assert_eq!(rig.settle().0, 0, "nothing is sent once it is right");
    }
}

/// A page of 8x4 maps of 14x14 pixels on 120x40 cells, grey levels from `level(map, x, y)`.
fn page(buffer: &mut Buffer, palette: Palette, level: impl Fn(u16, u16, u16) -> u8) {
    for map in 0..32 {
        let (left, top) = (map % 8 * 15, map / 8 * 9 + 2);
        for (x, row) in (0..14).flat_map(|x| (0..7).map(move |row| (x, row))) {
            let pixels = palette.exact_pixels(level(map, x, 2 * row), level(map, x, 2 * row + 1));
            buffer[(left + x, top + row)].set_symbol(pixels.symbol).set_fg(pixels.fg).set_bg(pixels.bg);
        }
    }
}

/// Grey levels without order, the same on every run.
fn noise(map: u16, x: u16, y: u16) -> u8 {
    ((u32::from(map) * 196 + u32::from(y * 14 + x)).wrapping_mul(2_654_435_761) >> 24) as u8
}

#[test]
fn small_changes_of_grey_wait_until_the_picture_rests() {
    let palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };
    let mut rig = Rig::new(Size::new(120, 40), palette, 1 << 30);
    let full = rig.draw(|buffer| page(buffer, palette, |_, _, _| 100));
    assert!(full > 3_000, "{full}");
    // 100 is step 9 (96..=106): 108 is step 10, but only 0.68 of a step from the middle of step 9.
    assert_eq!(rig.draw(|buffer| page(buffer, palette, |_, _, _| 108)), 0);
    assert_eq!(rig.emulator.screen().cell(3, 3).unwrap().bgcolor(), vt100::Color::Idx(241));
    let (bytes, time) = rig.settle();
    assert!(bytes > 3_000 && time == Duration::from_millis(500), "{bytes} bytes after {time:?}");
    assert_eq!(rig.emulator.screen().cell(3, 3).unwrap().bgcolor(), vt100::Color::Idx(242));
    // 111 is 0.91 away from step 9, and changes at once there.
    rig.draw(|buffer| page(buffer, palette, |_, _, _| 100));
    assert!(rig.draw(|buffer| page(buffer, palette, |_, _, _| 111)) > 3_000);
}

#[test]
fn text_is_sent_at_once_and_pictures_stay_within_the_rate() {
    let palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };
    let rate = 24 * 1024;
    let mut rig = Rig::new(Size::new(120, 40), palette, rate);
    let mut sent = 0;
    for frame in 0..50u16 {
        sent += rig.draw(|buffer| {
            buffer.set_string(0, 0, format!("step {frame:04}"), Style::new());
            page(buffer, palette, |map, x, y| noise(map + 7 * frame, x, y));
        });
        let first_row = rig.emulator.screen().rows(0, 120).next().unwrap();
        assert!(first_row.starts_with(&format!("step {frame:04}")), "{first_row}");
    }
    // The bucket's second plus five seconds at the rate; a guessed price per cell may be a tenth off.
    assert!(sent as f64 <= 6.6 * f64::from(rate), "{sent}");
    assert!(sent as f64 >= 4.5 * f64::from(rate), "{sent}: the rate is there to be used");
    let (_, time) = rig.settle();
    assert!(time < Duration::from_secs(3), "{time:?}");
    for (map, x, y) in [(0, 0, 0), (31, 13, 13), (17, 5, 8)] {
        let cell = rig.emulator.screen().cell(map / 8 * 9 + 2 + y / 2, map % 8 * 15 + x).unwrap();
        let shown = match (cell.contents(), y % 2) {
            ("▀" | "█", 0) | ("▄" | "█", 1) => cell.fgcolor(),
            _ => cell.bgcolor(),
        };
        assert_eq!(shown, vt100::Color::Idx(232 + palette.step(noise(map + 7 * 49, x, y))), "{map} {x} {y}");
    }
}

#[test]
fn a_picture_that_must_wait_leaves_no_old_text_standing() {
    let palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };
    let mut rig = Rig::new(Size::new(120, 40), palette, 2000);
    rig.draw(|buffer| {
        for y in 0..40 {
            buffer.set_string(0, y, "old text ".repeat(14), Style::new());
        }
    });
    rig.draw(|buffer| page(buffer, palette, noise));
    assert!(!rig.emulator.screen().contents().contains("old"), "{}", rig.emulator.screen().contents());
}

#[test]
fn without_colour_only_attributes_are_sent() {
    let palette = Palette { depth: Depth::None, ascii: false, light: false };
    let mut rig = Rig::new(Size::new(20, 2), palette, 1 << 30);
    rig.draw(|buffer| {
        buffer.set_string(0, 0, "cyan", Style::new().fg(Color::Cyan).bg(Color::Indexed(240)).bold());
        buffer.set_string(5, 0, "back", Style::new().reversed());
        buffer.set_string(10, 0, "▀", Style::new().fg(Color::Rgb(9, 9, 9)).bg(Color::Rgb(200, 200, 200)));
    });
    let screen = rig.emulator.screen();
    assert_eq!(screen.contents().lines().next(), Some("cyan back ▀"));
    for column in 0..20 {
        let cell = screen.cell(0, column).unwrap();
        assert_eq!((cell.fgcolor(), cell.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
    }
    assert!(screen.cell(0, 0).unwrap().bold() && screen.cell(0, 5).unwrap().inverse());
}

#[test]
fn sixteen_colours_show_four_greys_and_ascii_only_ascii() {
    let palette = Palette { depth: Depth::Ansi16, ascii: false, light: false };
    let mut rig = Rig::new(Size::new(4, 1), palette, 1 << 30);
    rig.draw(|buffer| {
        for (x, v) in [(0, 10), (1, 70), (2, 130), (3, 250)] {
            let pixels = palette.exact_pixels(v, v);
            buffer[(x, 0)].set_symbol(pixels.symbol).set_fg(pixels.fg).set_bg(pixels.bg);
        }
    });
    let greys = [0, 8, 7, 15].map(|n| Seen::Pixels([vt100::Color::Idx(n); 8]));
    assert_eq!(seen(&rig.emulator), [greys]);

    let palette = Palette { depth: Depth::Ansi256, ascii: true, light: false };
    let mut rig = Rig::new(Size::new(8, 1), palette, 1 << 30);
    rig.draw(|buffer| {
        buffer.set_string(0, 0, "┌─▀你│·", Style::new());
    });
    assert_eq!(rig.emulator.screen().contents(), "+-=??|.");
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let mut rig = Rig::new(Size::new(8, 1), PALETTE, 1 << 30);
    rig.draw(|buffer| {
        buffer[(0, 0)].set_symbol("\x1b[2J");
        buffer[(1, 0)].set_symbol("\u{9b}");
        buffer[(6, 0)].set_symbol("x");
    });
    assert_eq!(rig.emulator.screen().contents(), "      x");
}

#[test]
fn short_ways_and_the_cheaper_glyph() {
    let mut compact = Compact::new(Size::ZERO);
    compact.clear(Size::new(40, 10));
    let text = |compact: &mut Compact, marks: &[(u16, u16, &str, Color, Color)]| {
        for (x, y, symbol, fg, bg) in marks {
            let mut cell = ratatui::buffer::Cell::EMPTY;
            cell.set_symbol(symbol).set_fg(*fg).set_bg(*bg);
            compact.put(&super::mark::Mark::new(ratatui::layout::Position { x: *x, y: *y }, cell));
        }
        String::from_utf8(compact.finish(None)).unwrap()
    };
    let none = Color::Reset;
    let grey = |n: u8| Color::Indexed(232 + n);
    assert_eq!(text(&mut compact, &[(0, 0, "a", none, none)]), "\x1b[m\x1b[2J\x1b[Ha");
    assert_eq!(text(&mut compact, &[(1, 0, "b", none, none), (4, 0, "c", none, none)]), "b\x1b[2Cc");
    assert_eq!(text(&mut compact, &[(4, 1, "d", none, none), (0, 2, "e", none, none)]), "\n\x08d\n\re");
    // The lower half needs one colour less than the upper one here, and a space none.
    let sent = text(
        &mut compact,
        &[
            (10, 5, "▀", grey(1), grey(2)),
            (11, 5, "▀", grey(2), grey(1)),
            (12, 5, "▀", grey(2), grey(2)),
            (13, 5, "▀", grey(1), grey(1)),
        ],
    );
    assert_eq!(sent, "\x1b[6;11H\x1b[38;5;233;48;5;234m▀▄ █");
    // After the last column nothing is known of the cursor.
    assert_eq!(text(&mut compact, &[(39, 6, "x", none, none), (0, 7, "y", none, none)]), "\n\x1b[25C\x1b[mx\x1b[8Hy");
}

#[test]
fn the_cursor_is_shown_where_it_is_wanted_and_frames_are_synchronized() {
    let mut rig = Rig::new(Size::new(80, 24), PALETTE, 1 << 30);
    rig.terminal
        .draw(|frame| {
            frame.buffer_mut().set_string(0, 0, "x".repeat(80), Style::new());
            frame.set_cursor_position((3, 4));
        })
        .unwrap();
    let frame = rig.link.next(None).unwrap().frame;
    let (bytes, _) = rig.painter.paint(frame.as_ref().unwrap(), rig.now);
    rig.emulator.process(&bytes);
    assert!(!rig.emulator.screen().hide_cursor());
    assert_eq!(rig.emulator.screen().cursor_position(), (4, 3));
    let many = rig.draw(|buffer| buffer.set_style(buffer.area, Style::new().bg(Color::Red)));
    assert!(many > 256);
    assert!(rig.emulator.screen().hide_cursor());
}

/// Pixels of any ramp and any number in a cell, as a map is drawn.
fn blocks_of(buffer: &mut Buffer, palette: Palette, ramp: Ramp, glyphs: Glyphs, level: impl Fn(u16, usize) -> u8) {
    let (across, down) = glyphs.pixels();
    let Size { width, height } = buffer.area.as_size();
    for index in 0..width * height {
        let levels: Vec<u8> = (0..across * down).map(|pixel| level(index, pixel)).collect();
        let (symbol, lit, unlit) = glyphs.fit(&levels);
        buffer[(index % width, index / width)].set_char(symbol).set_fg(ramp.exact(lit)).set_bg(ramp.exact(unlit));
    }
    assert!(palette.has_greys());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the ramp, the characters and the depth: once it rests, each eighth of a cell has the colour of its step.
    #[test]
    fn pictures_come_to_rest_at_their_exact_steps(
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 8 * 24), 1..4),
        ramp in 0..3usize, glyphs in 0..3usize, depth in 0..3usize,
    ) {
        let depth = [Depth::Ansi16, Depth::Ansi256, Depth::TrueColor][depth];
        let palette = Palette { depth, ascii: false, light: false };
        let (ramp, glyphs) = (Ramp::ALL[ramp], Glyphs::ALL[glyphs]);
        let size = Size::new(6, 4);
        let mut rig = Rig::new(size, palette, 4000);
        let draw = |levels: &[u8], buffer: &mut Buffer| {
            blocks_of(buffer, palette, ramp, glyphs, |index, pixel| levels[usize::from(index) * 8 + pixel]);
        };
        for levels in &frames {
            rig.draw(|buffer| draw(levels, buffer));
        }
        rig.settle();
        let mut buffer = Buffer::empty(Rect::from((ratatui::layout::Position::ORIGIN, size)));
        draw(&frames[frames.len() - 1], &mut buffer);
        for cell in &mut buffer.content {
            for color in [&mut cell.fg, &mut cell.bg] {
                let (ramp, level) = Ramp::of(*color).unwrap();
                *color = ramp.color(palette, ramp.step(palette, level));
            }
        }
        let mut plain = emulator(size);
        plain.process(&plain_repaint(&buffer));
        prop_assert_eq!(seen(&rig.emulator), seen(&plain));
    }
}

#[test]
fn hysteresis_holds_coloured_ramps_and_other_characters_too() {
    let palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };
    let size = Size::new(20, 10);
    let mut rig = Rig::new(size, palette, 1 << 30);
    let steps = Ramp::Viridis.steps(palette);
    // The middle of step 5 of 16, then a level that is nearest to step 6.
    let (middle, held) = (88, 98);
    assert_eq!([middle, held].map(|level| Ramp::Viridis.step(palette, level)), [5, 6]);
    assert_eq!(steps, 16);
    assert!(rig.draw(|buffer| blocks_of(buffer, palette, Ramp::Viridis, Glyphs::Half, |_, _| middle)) > 200);
    assert_eq!(rig.draw(|buffer| blocks_of(buffer, palette, Ramp::Viridis, Glyphs::Half, |_, _| held)), 0);
    assert!(rig.settle().0 > 200);

    // Other halves, the same look: only the part of a level that is off changes nothing.
    let mut rig = Rig::new(size, palette, 1 << 30);
    let level = |part: &'static [u8; 4]| move |_: u16, pixel: usize| part[pixel];
    rig.draw(|buffer| blocks_of(buffer, palette, Ramp::Grey, Glyphs::Quadrant, level(&[100, 100, 103, 106])));
    let bytes =
        rig.draw(|buffer| blocks_of(buffer, palette, Ramp::Grey, Glyphs::Quadrant, level(&[100, 106, 106, 106])));
    assert_eq!(bytes, 0);
}

#[test]
fn on_a_slow_link_text_is_not_held_up_by_the_pictures_of_its_frame() {
    let palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };
    let mut rig = Rig::new(Size::new(120, 40), palette, 24_000);
    let frame = |buffer: &mut Buffer, text: &str, frame: u16| {
        buffer.set_string(0, 0, text, Style::new());
        page(buffer, palette, |map, x, y| noise(map + 7 * frame, x, y));
    };
    rig.draw(|buffer| frame(buffer, "node 1", 0));
    rig.settle();
    rig.now += Duration::from_secs(5);
    rig.terminal.draw(|area| frame(area.buffer_mut(), "node 2", 1)).unwrap();
    rig.frame = rig.link.next(None).unwrap().frame;
    let (bytes, again) = rig.paint();
    assert!(bytes < 20, "{bytes}");
    assert!(rig.emulator.screen().contents().starts_with("node 2"));
    rig.now += again.unwrap();
    let (piece, _) = rig.paint();
    assert!(again.unwrap() < Duration::from_millis(20) && piece > 500);
}
