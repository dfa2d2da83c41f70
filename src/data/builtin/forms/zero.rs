//! The forms of 0.

use crate::data::builtin::form::{Form, knob, p};

/// Oval, tilted, with an overlap or a tail.
pub const FORMS: &[Form] = &[
    // A plain oval from the top, closed with a little overlap.
    Form {
        share: 4.0,
        strokes: &[&[
            p(0.04, 0.02),
            p(-0.20, 0.13),
            p(-0.33, 0.48),
            p(-0.22, 0.86),
            p(0.02, 0.99),
            p(0.25, 0.85),
            p(0.34, 0.50),
            p(0.25, 0.14),
            p(0.02, 0.02),
            p(-0.12, 0.07),
        ]],
        knobs: &[
            // Narrow to round.
            knob(
                -1.0,
                1.0,
                &[(1, -0.05, 0.0), (2, -0.08, 0.0), (3, -0.05, 0.0), (5, 0.05, 0.0), (6, 0.08, 0.0), (7, 0.05, 0.0)],
            ),
            // Where it closes: open at the top, or overlapping.
            knob(-1.6, 1.6, &[(0, 0.04, 0.02), (8, -0.03, -0.01), (9, -0.06, 0.02)]),
            // Shoulders higher or lower.
            knob(-1.0, 1.0, &[(1, 0.0, 0.04), (7, 0.0, -0.04), (3, 0.0, 0.03), (5, 0.0, -0.03)]),
        ],
    },
    // Begun at the upper right, the end crosses the beginning.
    Form {
        share: 2.5,
        strokes: &[&[
            p(0.17, 0.10),
            p(-0.05, 0.03),
            p(-0.27, 0.24),
            p(-0.33, 0.60),
            p(-0.17, 0.93),
            p(0.09, 0.97),
            p(0.30, 0.72),
            p(0.32, 0.34),
            p(0.14, 0.06),
            p(-0.09, 0.05),
        ]],
        knobs: &[
            knob(-1.0, 1.0, &[(2, -0.06, 0.0), (3, -0.07, 0.0), (6, 0.06, 0.0), (7, 0.07, 0.0)]),
            // The end: inside, or far across the top.
            knob(-1.0, 2.5, &[(8, -0.04, 0.06), (9, -0.08, 0.14)]),
            knob(-1.0, 1.0, &[(0, 0.07, 0.02), (1, 0.03, -0.02)]),
        ],
    },
    // With a tail that leaves to the upper right.
    Form {
        share: 1.0,
        strokes: &[&[
            p(-0.02, 0.08),
            p(-0.23, 0.24),
            p(-0.31, 0.58),
            p(-0.17, 0.93),
            p(0.08, 0.97),
            p(0.28, 0.76),
            p(0.31, 0.40),
            p(0.16, 0.12),
            p(-0.02, 0.10),
            p(0.08, 0.16),
            p(0.30, 0.03),
        ]],
        knobs: &[
            knob(-1.0, 1.0, &[(1, -0.05, 0.0), (2, -0.07, 0.0), (5, 0.06, 0.0), (6, 0.07, 0.0)]),
            knob(-1.0, 1.0, &[(9, 0.02, -0.03), (10, 0.10, -0.03)]),
        ],
    },
    // A drop: pointed at the upper right, heavy at the lower left.
    Form {
        share: 2.5,
        strokes: &[&[
            p(0.14, 0.01),
            p(-0.08, 0.17),
            p(-0.29, 0.56),
            p(-0.25, 0.89),
            p(-0.01, 0.99),
            p(0.25, 0.80),
            p(0.31, 0.46),
            p(0.20, 0.14),
            p(0.05, 0.02),
        ]],
        knobs: &[
            knob(-1.0, 1.0, &[(1, -0.05, 0.03), (2, -0.06, 0.0), (5, 0.05, 0.0), (6, 0.06, 0.0)]),
            // The end stops short, or goes beyond the beginning.
            knob(-1.2, 1.0, &[(7, -0.01, -0.02), (8, -0.09, -0.02)]),
            knob(-1.0, 1.0, &[(3, 0.03, 0.04), (4, 0.04, 0.0), (5, 0.0, 0.05)]),
        ],
    },
];
