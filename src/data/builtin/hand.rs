//! The hand: how a writer bends a form, and how no two digits of the same writer are the same.
//!
//! Slant, proportions and pen belong to the writer and vary a little from digit to digit; the tremor of the points
//! and the warp belong to the digit alone. The spreads were tuned against the training images of MNIST: a network
//! that learns from these digits only should read those.

use std::f32::consts::TAU;

use crate::data::builtin::chance::Chance;
use crate::data::builtin::form::{Form, Point};
use crate::data::builtin::forms::FORMS;
use crate::data::dataset::CLASSES;

/// Natural logarithm of the usual pen width, 2.5 pixels.
const LN_PEN: f32 = 0.916_290_7;

/// What stays the same in all digits of one writer.
#[derive(Debug, Clone, Copy)]
pub struct Writer {
    slant: f32,
    aspect: f32,
    waist: f32,
    taper: f32,
    ln_pen: f32,
    edge: f32,
    /// Which form of each digit this writer prefers.
    habits: [usize; CLASSES],
}

/// A digit as drawn: lines of points with a pen of changing width, not yet placed on pixels.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// The strokes; y still grows downwards, the unit is the height of the digit.
    pub strokes: Vec<Vec<Point>>,
    /// Usual width of the pen in pixels.
    pub pen: f32,
    /// Pressure: the width changes by this share along a stroke …
    pub pressure: f32,
    /// … so many times …
    pub waves: f32,
    /// … beginning here, in turns.
    pub phase: f32,
    /// How many pixels ink takes to fade at an edge.
    pub edge: f32,
}

impl Writer {
    /// A new writer.
    pub fn new(chance: &mut Chance) -> Self {
        Self {
            slant: 0.12 + chance.bell(0.20),
            aspect: chance.bell(0.17),
            waist: chance.bell(0.14),
            taper: chance.bell(0.14),
            ln_pen: chance.bell(0.26),
            edge: chance.within(1.0, 1.5),
            habits: std::array::from_fn(|digit| pick(FORMS[digit], chance)),
        }
    }

    /// Draws `digit` once.
    pub fn draw(&self, digit: usize, chance: &mut Chance) -> Drawing {
        let one = digit == 1;
        // A third of the time the habit, else any form: nobody is a machine.
        let habit = chance.below(3) == 0;
        let form = &FORMS[digit][if habit { self.habits[digit] } else { pick(FORMS[digit], chance) }];
        let mut strokes: Vec<Vec<Point>> = form.strokes.iter().map(|stroke| stroke.to_vec()).collect();
        turn_knobs(form, &mut strokes, chance);
        // A shaky 0 or 1 soon looks like another digit.
        shake(&mut strokes, if digit <= 1 { 0.02 } else { 0.025 }, chance);

        let slant = self.slant + chance.bell(0.13) + if one { 0.13 + chance.bell(0.18) } else { 0.0 };
        let aspect = libm::expf((0.03 + self.aspect + chance.bell(0.17)).clamp(-0.3, 0.8));
        let waist = self.waist + chance.bell(0.14);
        let taper = self.taper + chance.bell(0.14);
        let rotation = chance.bell(0.09);
        let (sin, cos) = (libm::sinf(rotation), libm::cosf(rotation));
        let warp = Warp::new(if one { 0.03 } else { 0.06 }, chance);
        for point in strokes.iter_mut().flatten() {
            let mut y = point.y - 0.5;
            y += waist * (0.25 - y * y);
            let mut x = point.x * aspect * (1.0 + taper * y);
            (x, y) = warp.apply(x, y);
            (x, y) = (cos * x - sin * y, sin * x + cos * y);
            point.x = x - slant * y;
            point.y = y;
        }

        let ln_pen = LN_PEN + self.ln_pen + chance.bell(0.15) + if one { 0.06 + chance.bell(0.2) } else { 0.0 };
        // Who writes narrow digits with a thick pen cannot read them; a 1 has nothing to fill.
        let widest = if one { 4.8 } else { (1.3 + 4.4 * proportion(&strokes)).min(4.8) };
        Drawing {
            strokes,
            pen: libm::expf(ln_pen).clamp(1.3, widest),
            pressure: 0.14,
            waves: chance.within(0.4, 1.1),
            phase: chance.within(0.0, 1.0),
            edge: self.edge,
        }
    }
}

/// Width over height.
fn proportion(strokes: &[Vec<Point>]) -> f32 {
    let extent = |at: fn(&Point) -> f32| {
        let (low, high) = strokes.iter().flatten().map(at).fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(v), h.max(v)));
        (high - low).max(0.01)
    };
    extent(|point| point.x) / extent(|point| point.y)
}

/// The number of a form, picked by share.
fn pick(forms: &[Form], chance: &mut Chance) -> usize {
    let mut left = chance.within(0.0, forms.iter().map(|form| form.share).sum());
    forms
        .iter()
        .position(|form| {
            left -= form.share;
            left < 0.0
        })
        .unwrap_or(forms.len() - 1)
}

/// Sets each knob of `form` at random.
fn turn_knobs(form: &Form, strokes: &mut [Vec<Point>], chance: &mut Chance) {
    for knob in form.knobs {
        let setting = 1.4 * chance.within(knob.low, knob.high);
        for &(number, right, down) in knob.moves {
            if let Some(point) = strokes.iter_mut().flatten().nth(number) {
                point.x += setting * right;
                point.y += setting * down;
            }
        }
    }
}

/// Moves each point a little: more at the ends of a stroke, less where points are close.
fn shake(strokes: &mut [Vec<Point>], sd: f32, chance: &mut Chance) {
    for stroke in strokes {
        let still = stroke.clone();
        let last = still.len() - 1;
        let distance = |a: usize, b: usize| {
            let (x, y) = (still[a].x - still[b].x, still[a].y - still[b].y);
            (x * x + y * y).sqrt()
        };
        for (i, point) in stroke.iter_mut().enumerate() {
            let end = if i == 0 || i == last { 1.7 } else { 1.0 };
            let before = if i > 0 { distance(i, i - 1) } else { 1.0 };
            let after = if i < last { distance(i, i + 1) } else { 1.0 };
            let room = (before.min(after) / 0.25).min(1.0);
            point.x += chance.bell(sd * end * room);
            point.y += chance.bell(sd * end * room);
        }
    }
}

/// A smooth bend of the whole plane: three waves.
struct Warp([Wave; 3]);

/// One wave: at (x, y) everything moves by `push` times the sine of `along` . (x, y) + `phase`.
struct Wave {
    along: (f32, f32),
    phase: f32,
    push: (f32, f32),
}

impl Warp {
    fn new(sd: f32, chance: &mut Chance) -> Self {
        Self(std::array::from_fn(|_| {
            let direction = chance.within(0.0, TAU);
            let cycles = TAU * chance.within(0.4, 1.2);
            let push = chance.within(0.0, TAU);
            let size = chance.bell(sd);
            Wave {
                along: (cycles * libm::cosf(direction), cycles * libm::sinf(direction)),
                phase: chance.within(0.0, TAU),
                push: (size * libm::cosf(push), size * libm::sinf(push)),
            }
        }))
    }

    fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        self.0.iter().fold((x, y), |(to_x, to_y), wave| {
            let height = libm::sinf(wave.along.0 * x + wave.along.1 * y + wave.phase);
            (to_x + wave.push.0 * height, to_y + wave.push.1 * height)
        })
    }
}
