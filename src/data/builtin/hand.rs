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
/// Natural logarithm of the usual size of a digit, 42 points of a scanner with 12 to the millimetre.
const LN_SIZE: f32 = 3.737_669_6;

/// How the hands of all differ from digit to digit.
struct Manner {
    /// Usual slant, to the right for each unit of height.
    slant: f32,
    /// Its spread between writers and digits.
    slants: f32,
    /// Natural logarithm of the usual width over that of the form as drawn.
    aspect: f32,
    /// Natural logarithm of the usual thickness over [`LN_PEN`].
    pen: f32,
    /// How much lower the middle is than in the form as drawn.
    waist: f32,
}

/// The manner of each digit.
const MANNERS: [Manner; CLASSES] = [
    manner(0.22, 0.9, 0.13, 0.1, 0.05),
    manner(0.23, 0.9, -0.02, 0.05, 0.03),
    manner(0.04, 1.0, 0.19, 0.02, 0.05),
    manner(0.05, 1.0, 0.12, 0.02, 0.0),
    manner(0.21, 1.0, 0.11, -0.06, 0.06),
    manner(0.06, 1.1, 0.16, -0.06, -0.02),
    manner(0.08, 0.8, 0.13, 0.0, 0.06),
    manner(0.02, 0.9, 0.18, 0.02, 0.05),
    manner(0.14, 0.9, 0.13, -0.08, -0.03),
    manner(0.11, 0.9, 0.13, -0.09, 0.06),
];

const fn manner(slant: f32, slants: f32, aspect: f32, pen: f32, waist: f32) -> Manner {
    Manner { slant, slants, aspect, pen, waist }
}

/// What stays the same in all digits of one writer.
#[derive(Debug, Clone, Copy)]
pub struct Writer {
    slant: f32,
    aspect: f32,
    waist: f32,
    taper: f32,
    ln_pen: f32,
    /// Size of the writer's digits in points of the scanner.
    ln_size: f32,
    flat: f32,
    rough: f32,
    lean: (f32, f32),
    start: f32,
    end: f32,
    /// Which form of each digit this writer prefers.
    habits: [usize; CLASSES],
}

/// A digit as drawn: lines of points with a pen of changing width, not yet placed on pixels.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// The strokes; y still grows downwards, the unit is the height of the digit.
    pub strokes: Vec<Vec<Point>>,
    /// Longer side of the box around the ink, in points of the scanner.
    pub size: f32,
    /// Usual width of the pen in the same points.
    pub pen: f32,
    /// Height of the tip of the pen over its width.
    pub flat: f32,
    /// Pressure: the width changes by this share along a stroke …
    pub pressure: f32,
    /// … so many times …
    pub waves: f32,
    /// … beginning here, in turns.
    pub phase: f32,
    /// How much thicker the line is where the pen goes across, and where it goes down to the right; as much thinner
    /// where it goes up or down, and down to the left.
    pub lean: (f32, f32),
    /// How much thicker the line is where a stroke begins …
    pub start: f32,
    /// … and where it ends.
    pub end: f32,
    /// How much thicker the line is where the pen rests for a moment, if it does in a stroke.
    pub blot: f32,
    /// Unsteadiness of the edges, standard deviation in points.
    pub rough: f32,
}

impl Writer {
    /// A new writer.
    pub fn new(chance: &mut Chance) -> Self {
        Self {
            slant: chance.bell(0.20),
            aspect: chance.bell(0.14),
            waist: chance.bell(0.09),
            taper: chance.bell(0.11),
            ln_pen: chance.bell(0.23),
            ln_size: LN_SIZE + chance.bell(0.22),
            flat: 1.0 + chance.bell(0.06),
            rough: chance.within(0.15, 0.5) + if chance.below(16) == 0 { 0.4 } else { 0.0 },
            lean: (chance.bell(0.1), chance.bell(0.1)),
            start: chance.bell(0.15),
            end: chance.bell(0.15) - 0.05,
            habits: std::array::from_fn(|digit| pick(FORMS[digit], chance)),
        }
    }

    /// Draws `digit` once.
    pub fn draw(&self, digit: usize, chance: &mut Chance) -> Drawing {
        let one = digit == 1;
        let manner = &MANNERS[digit];
        // A third of the time the habit, else any form: nobody is a machine.
        let habit = chance.below(3) == 0;
        let form = &FORMS[digit][if habit { self.habits[digit] } else { pick(FORMS[digit], chance) }];
        let mut strokes: Vec<Vec<Point>> = form.strokes.iter().map(|stroke| stroke.to_vec()).collect();
        turn_knobs(form, &mut strokes, chance);
        // A shaky 0 or 1 soon looks like another digit.
        shake(&mut strokes, if digit <= 1 { 0.013 } else { 0.03 }, chance);

        let slant = manner.slant + manner.slants * (self.slant + chance.bell(if one { 0.2 } else { 0.13 }));
        let aspect = libm::expf((manner.aspect + self.aspect + chance.bell(0.14)).clamp(-0.4, 0.8));
        let waist = manner.waist + self.waist + chance.bell(0.08);
        let taper = self.taper + chance.bell(0.11);
        let rotation = chance.bell(0.09);
        let (sin, cos) = (libm::sinf(rotation), libm::cosf(rotation));
        let warp = Warp::new(if one { 0.015 } else { 0.06 }, chance);
        for point in strokes.iter_mut().flatten() {
            let mut y = point.y - 0.5;
            y += waist * (0.25 - y * y);
            let mut x = point.x * aspect * (1.0 + taper * y);
            (x, y) = warp.apply(x, y);
            (x, y) = (cos * x - sin * y, sin * x + cos * y);
            point.x = x - slant * y;
            point.y = y;
        }

        let ln_pen = LN_PEN + manner.pen + self.ln_pen + chance.bell(0.12);
        // Who writes narrow digits with a thick pen cannot read them; a 1 has nothing to fill.
        let widest = if one { 4.8 } else { (1.3 + 4.4 * proportion(&strokes)).min(4.8) };
        let size = libm::expf(self.ln_size + chance.bell(0.12)).clamp(24.0, 58.0);
        let pen = libm::expf(ln_pen).clamp(1.3, widest) * size / 20.0;
        Drawing {
            strokes,
            size,
            pen,
            flat: self.flat,
            pressure: chance.bell(if one { 0.1 } else { 0.16 }),
            waves: chance.within(0.4, 1.8),
            phase: chance.within(0.0, 1.0),
            lean: self.lean,
            start: self.start + chance.bell(0.1),
            end: self.end + chance.bell(0.12),
            blot: if one { 0.15 } else { chance.within(0.2, 0.6) },
            rough: self.rough,
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
