//! The built-in digits: handwriting-like strokes drawn from a seed, for machines without data and without a network.
