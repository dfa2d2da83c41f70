//! The pen: a drawing becomes ink on a page.

use std::f32::consts::TAU;

use crate::data::builtin::chance::Chance;
use crate::data::builtin::form::Point;
use crate::data::builtin::hand::Drawing;
use crate::data::builtin::scan::{PAGE, Page};

/// Points of the scanner between two values of the unsteadiness of the pen.
const STEADY: f32 = 5.0;

/// Half the width of the finest line, in points; below it a line would fall to pieces.
const FINEST: f32 = 0.6;

/// A place on the line that the pen follows, in points of the scanner.
#[derive(Debug, Clone, Copy)]
struct Place {
    x: f32,
    y: f32,
    /// How far along its stroke, 0 to 1.
    along: f32,
}

/// Inks `drawing` on a page.
pub fn ink(drawing: &Drawing, chance: &mut Chance) -> Page {
    let mut page = Page::blank();
    let scale = fit(drawing);
    for stroke in &drawing.strokes {
        draw(&trace(stroke, scale), drawing, chance, &mut page);
    }
    page
}

/// What brings a drawing to the middle of the page, in its size: factor, then movement to the right and down.
fn fit(drawing: &Drawing) -> (f32, f32, f32) {
    let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
    for point in drawing.strokes.iter().flatten() {
        low = (low.0.min(point.x), low.1.min(point.y));
        high = (high.0.max(point.x), high.1.max(point.y));
    }
    let extent = (high.0 - low.0).max(high.1 - low.1).max(0.01);
    let scale = (drawing.size - drawing.pen) / extent;
    let middle = 0.5 * PAGE as f32;
    (scale, middle - 0.5 * scale * (low.0 + high.0), middle - 0.5 * scale * (low.1 + high.1))
}

/// The smooth line through the points of a stroke, about one place for each point of the scanner.
fn trace(stroke: &[Point], (scale, right, down): (f32, f32, f32)) -> Vec<Place> {
    let mut line = Vec::with_capacity(4 * PAGE);
    let spans = (stroke.len() - 1) as f32;
    let mut place = |x: f32, y: f32, along: f32| {
        line.push(Place { x: scale * x + right, y: scale * y + down, along: along / spans });
    };
    place(stroke[0].x, stroke[0].y, 0.0);
    for (i, pair) in stroke.windows(2).enumerate() {
        let (from, to) = (pair[0], pair[1]);
        // Catmull and Rom's spline. Beyond an end or a corner the line is thought to go straight on.
        let before = if i == 0 || from.corner { reflect(to, from) } else { stroke[i - 1] };
        let after = if i + 2 == stroke.len() || to.corner { reflect(from, to) } else { stroke[i + 2] };
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let pieces = (scale * (dx * dx + dy * dy).sqrt()).clamp(2.0, 40.0) as usize;
        for piece in 1..=pieces {
            let t = piece as f32 / pieces as f32;
            let blend = |a: f32, b: f32, c: f32, d: f32| {
                b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
            };
            place(blend(before.x, from.x, to.x, after.x), blend(before.y, from.y, to.y, after.y), i as f32 + t);
        }
    }
    line
}

/// `point` mirrored at `centre`.
fn reflect(point: Point, centre: Point) -> Point {
    Point { x: 2.0 * centre.x - point.x, y: 2.0 * centre.y - point.y, corner: false }
}

/// A value that wanders: new every [`STEADY`] points of way, between them in a straight line.
struct Wander {
    sd: f32,
    from: f32,
    to: f32,
}

impl Wander {
    fn new(sd: f32, chance: &mut Chance) -> Self {
        Self { sd, from: chance.bell(sd), to: chance.bell(sd) }
    }

    fn step(&mut self, chance: &mut Chance) {
        self.from = std::mem::replace(&mut self.to, chance.bell(self.sd));
    }

    fn at(&self, share: f32) -> f32 {
        self.from + share * (self.to - self.from)
    }
}

/// Draws a line with a pen that is pressed and led by a human hand.
fn draw(line: &[Place], drawing: &Drawing, chance: &mut Chance, page: &mut Page) {
    let mut wander: [Wander; 3] = [
        Wander::new(drawing.rough, chance),
        Wander::new(0.5 * drawing.rough, chance),
        Wander::new(0.5 * drawing.rough, chance),
    ];
    let steps = line.windows(2).map(|pair| distance(pair[0], pair[1]));
    let length: f32 = steps.clone().sum();
    let blot = if chance.below(4) == 0 { drawing.blot } else { 0.0 };
    let blot_at = chance.within(0.0, length);
    // What changes over about a width or two of the pen.
    let near = |way: f32, widths: f32| (1.0 - way.abs() / (widths * drawing.pen)).max(0.0);
    let (mut way, mut since) = (0.0, 0.0);
    let mut last = line[0];
    for (place, step) in line.iter().zip(std::iter::once(0.0).chain(steps)) {
        way += step;
        since += step;
        while since > STEADY {
            since -= STEADY;
            for value in &mut wander {
                value.step(chance);
            }
        }
        let turns = drawing.phase + drawing.waves * place.along;
        let mut pressure = 1.0 + drawing.pressure * libm::sinf(TAU * turns);
        let (dx, dy) = (place.x - last.x, place.y - last.y);
        let per = 1.0 / (dx * dx + dy * dy).max(1e-6);
        pressure += per * (drawing.lean.0 * (dx * dx - dy * dy) + drawing.lean.1 * 2.0 * dx * dy);
        pressure += drawing.start * near(way, 2.0) + drawing.end * near(length - way, 2.0);
        pressure += blot * near(way - blot_at, 1.2);
        let share = since / STEADY;
        let [wide, right, down] = [0, 1, 2].map(|i: usize| wander[i].at(share));
        dab(page, place.x + right, place.y + down, 0.5 * drawing.pen * pressure + wide, drawing.flat);
        last = *place;
    }
}

fn distance(a: Place, b: Place) -> f32 {
    let (x, y) = (a.x - b.x, a.y - b.y);
    (x * x + y * y).sqrt()
}

/// Inks the points whose middles lie within the tip of the pen: `radius` wide to both sides, `flat` times as high.
fn dab(page: &mut Page, x: f32, y: f32, radius: f32, flat: f32) {
    let radius = radius.max(FINEST);
    let high = radius * flat;
    let (first, past) = ((y - high + 0.5).floor() as i32, (y + high + 0.5).floor() as i32);
    let per = 1.0 / flat;
    for row in first..past.max(first + 1) {
        let away = (row as f32 + 0.5 - y) * per;
        let half = (radius * radius - away * away).max(0.0).sqrt();
        page.ink(row, (x - half + 0.5).floor() as i32, (x + half + 0.5).floor() as i32);
    }
}
