//! A run folder: resolved configuration, metrics, checkpoints.
