//! The forms of 1.

use crate::data::builtin::form::{Form, c, knob, p};

/// A stroke, with or without a serif and a foot.
pub const FORMS: &[Form] = &[
    // A plain downstroke.
    Form {
        share: 7.0,
        strokes: &[&[p(0.01, 0.0), p(0.0, 0.33), p(-0.01, 0.67), p(-0.01, 1.0)]],
        knobs: &[knob(-1.0, 1.0, &[(1, 0.03, 0.0), (2, 0.03, 0.0)])],
    },
    // A little hook at the top.
    Form {
        share: 1.2,
        strokes: &[&[p(-0.10, 0.13), c(0.03, 0.0), p(0.01, 0.5), p(0.0, 1.0)]],
        knobs: &[knob(-0.7, 1.0, &[(0, -0.08, 0.06)]), knob(-1.0, 1.0, &[(2, 0.02, 0.0)])],
    },
    // Serif and foot, as in print.
    Form {
        share: 0.8,
        strokes: &[
            &[p(-0.16, 0.18), c(0.02, 0.01), p(0.01, 0.5), p(0.0, 0.98)],
            &[p(-0.22, 0.99), p(0.0, 0.99), p(0.22, 0.98)],
        ],
        knobs: &[
            knob(-1.0, 1.0, &[(0, -0.06, 0.05)]),
            knob(-1.0, 1.0, &[(4, -0.07, 0.0), (6, 0.08, 0.0)]),
            knob(-1.0, 1.0, &[(4, 0.0, 0.02), (6, 0.0, -0.03)]),
        ],
    },
    // A bent downstroke that ends with a flick.
    Form {
        share: 1.0,
        strokes: &[&[p(0.03, 0.0), p(-0.01, 0.35), p(-0.02, 0.72), p(0.02, 0.93), p(0.06, 0.99)]],
        knobs: &[
            knob(-1.0, 1.0, &[(0, 0.03, 0.0), (1, 0.02, 0.0)]),
            knob(-1.0, 1.0, &[(3, 0.01, 0.0), (4, 0.05, -0.02)]),
        ],
    },
];
