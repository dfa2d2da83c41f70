//! Training: the step, the epoch, the evaluation, and the thread that does them.
//!
//! Ordinary synchronous minibatch training in f32. The same seed gives the same bits on any number of threads.

pub mod evaluate;
pub mod step;
pub mod trainer;
pub mod worker;
