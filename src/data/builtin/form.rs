//! What a form is: one natural way of writing a digit, as control points drawn by hand.
//!
//! The frame: y grows downwards from 0 (top) to 1 (baseline); x is centred on 0 and grows to the right; the height of
//! the digit is the unit for both.

/// A point that the pen goes through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// To the right of the middle.
    pub x: f32,
    /// Below the top.
    pub y: f32,
    /// Whether the pen may turn sharply here; else the line is smooth.
    pub corner: bool,
}

/// A quality of a form that differs from writer to writer: by how much each point moves when it is at 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knob {
    /// Its lowest setting.
    pub low: f32,
    /// Its highest setting.
    pub high: f32,
    /// (number of the point, counted through all strokes; movement to the right; movement down).
    pub moves: &'static [(usize, f32, f32)],
}

/// One natural way of writing a digit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Form {
    /// How often writers use it, in relation to the digit's other forms.
    pub share: f32,
    /// The pen's strokes, each a line of points.
    pub strokes: &'static [&'static [Point]],
    /// How it differs between writers.
    pub knobs: &'static [Knob],
}

/// A point on a smooth line.
pub const fn p(x: f32, y: f32) -> Point {
    Point { x, y, corner: false }
}

/// A point where the pen turns.
pub const fn c(x: f32, y: f32) -> Point {
    Point { x, y, corner: true }
}

/// A knob that goes from `low` to `high`.
pub const fn knob(low: f32, high: f32, moves: &'static [(usize, f32, f32)]) -> Knob {
    Knob { low, high, moves }
}
