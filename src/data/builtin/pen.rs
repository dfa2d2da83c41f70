//! The pen: a drawing becomes 28x28 bytes of ink, placed as MNIST places its digits.

use std::f32::consts::TAU;

use crate::data::builtin::form::Point;
use crate::data::builtin::hand::Drawing;
use crate::data::dataset::{PIXELS, SIDE};

/// Side of the box that a digit fills, as in MNIST.
const BOX: f32 = 20.0;
/// Side of the canvas that a digit is inked on before it is placed; room for the box and the fade around it.
const CANVAS: usize = 24;
/// Pieces into which a spline is cut between two of its points.
const PIECES: usize = 3;

/// A place on the line that the pen follows, and half the width of the pen there.
#[derive(Debug, Clone, Copy)]
struct Dab {
    x: f32,
    y: f32,
    radius: f32,
}

/// Inks `drawing` and places it: its box of 20x20 pixels filled, its centre of mass in the middle and then moved by
/// `shift` whole pixels to the right and down.
pub fn ink(drawing: &Drawing, shift: (i32, i32)) -> [u8; PIXELS] {
    let mut lines: Vec<Vec<Dab>> = drawing.strokes.iter().map(|stroke| trace(stroke, drawing)).collect();
    fit(&mut lines);
    let canvas = cover(&lines, drawing.edge);
    place(&canvas, shift)
}

/// The smooth line through the points of a stroke, as short straight pieces.
fn trace(stroke: &[Point], drawing: &Drawing) -> Vec<Dab> {
    let mut line = Vec::with_capacity(PIECES * stroke.len());
    let mut dab = |x: f32, y: f32, at: f32| {
        let turns = drawing.phase + drawing.waves * at / (stroke.len() - 1) as f32;
        let radius = 0.5 * drawing.pen * (1.0 + drawing.pressure * libm::sinf(TAU * turns));
        line.push(Dab { x, y, radius });
    };
    dab(stroke[0].x, stroke[0].y, 0.0);
    for (i, pair) in stroke.windows(2).enumerate() {
        let (from, to) = (pair[0], pair[1]);
        // Catmull and Rom's spline. Beyond an end or a corner the line is thought to go straight on.
        let before = if i == 0 || from.corner { reflect(to, from) } else { stroke[i - 1] };
        let after = if i + 2 == stroke.len() || to.corner { reflect(from, to) } else { stroke[i + 2] };
        for piece in 1..=PIECES {
            let t = piece as f32 / PIECES as f32;
            let blend = |a: f32, b: f32, c: f32, d: f32| {
                b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
            };
            dab(blend(before.x, from.x, to.x, after.x), blend(before.y, from.y, to.y, after.y), i as f32 + t);
        }
    }
    line
}

/// `point` mirrored at `centre`.
fn reflect(point: Point, centre: Point) -> Point {
    Point { x: 2.0 * centre.x - point.x, y: 2.0 * centre.y - point.y, corner: false }
}

/// Scales and moves `lines` so that with the pen's width they just fill the box in the middle of the canvas.
fn fit(lines: &mut [Vec<Dab>]) {
    let mut low = (f32::MAX, f32::MAX);
    let mut high = (f32::MIN, f32::MIN);
    let mut pen = 0.0_f32;
    for dab in lines.iter().flatten() {
        low = (low.0.min(dab.x), low.1.min(dab.y));
        high = (high.0.max(dab.x), high.1.max(dab.y));
        pen = pen.max(dab.radius);
    }
    let extent = (high.0 - low.0).max(high.1 - low.1).max(0.01);
    let scale = (BOX - 2.0 * pen) / extent;
    let middle = (0.5 * (low.0 + high.0), 0.5 * (low.1 + high.1));
    for dab in lines.iter_mut().flatten() {
        dab.x = (dab.x - middle.0) * scale + 0.5 * CANVAS as f32;
        dab.y = (dab.y - middle.1) * scale + 0.5 * CANVAS as f32;
    }
}

/// The ink of all lines on the canvas, 0 to 1.
///
/// A pixel is full inside the pen's line, empty outside, and fades over `edge` pixels where the line ends.
fn cover(lines: &[Vec<Dab>], edge: f32) -> [f32; CANVAS * CANVAS] {
    // For each pixel the least (distance from the line - radius of the pen) so far.
    let mut outside = [edge; CANVAS * CANVAS];
    for pair in lines.iter().flat_map(|line| line.windows(2)) {
        let (from, to) = (pair[0], pair[1]);
        let reach = from.radius.max(to.radius) + 0.5 * edge;
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let per_length = 1.0 / (dx * dx + dy * dy).max(1e-6);
        let columns = span(from.x.min(to.x) - reach, from.x.max(to.x) + reach);
        for row in span(from.y.min(to.y) - reach, from.y.max(to.y) + reach) {
            let y = row as f32 + 0.5 - from.y;
            for column in columns.clone() {
                let x = column as f32 + 0.5 - from.x;
                // The nearest place on the piece: this share of the way.
                let along = ((x * dx + y * dy) * per_length).clamp(0.0, 1.0);
                let (x, y) = (x - along * dx, y - along * dy);
                let away = (x * x + y * y).sqrt() - (from.radius + along * (to.radius - from.radius));
                let pixel = &mut outside[row * CANVAS + column];
                *pixel = pixel.min(away);
            }
        }
    }
    outside.map(|away| (0.5 - away / edge).clamp(0.0, 1.0))
}

/// The pixels of one axis whose middles lie between `low` and `high`.
fn span(low: f32, high: f32) -> std::ops::Range<usize> {
    let first = (low - 0.5).ceil().max(0.0) as usize;
    let past = (high + 0.5).floor().clamp(0.0, CANVAS as f32) as usize;
    first..past.max(first)
}

/// Copies the canvas so that its centre of mass comes to the middle of the image, in whole pixels, plus `shift`.
fn place(canvas: &[f32; CANVAS * CANVAS], shift: (i32, i32)) -> [u8; PIXELS] {
    let (mut mass, mut mass_x, mut mass_y) = (0.0, 0.0, 0.0);
    for (i, &ink) in canvas.iter().enumerate() {
        mass += ink;
        mass_x += ink * ((i % CANVAS) as f32 + 0.5);
        mass_y += ink * ((i / CANVAS) as f32 + 0.5);
    }
    let middle = 0.5 * SIDE as f32;
    let move_x = (middle - mass_x / mass.max(1e-6)).round() as i32 + shift.0;
    let move_y = (middle - mass_y / mass.max(1e-6)).round() as i32 + shift.1;
    let mut image = [0; PIXELS];
    for (i, &ink) in canvas.iter().enumerate() {
        let x = (i % CANVAS) as i32 + move_x;
        let y = (i / CANVAS) as i32 + move_y;
        let inside = 0..SIDE as i32;
        if ink > 0.0 && inside.contains(&x) && inside.contains(&y) {
            image[y as usize * SIDE + x as usize] = (255.0 * ink + 0.5) as u8;
        }
    }
    image
}
