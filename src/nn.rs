//! Multilayer perceptrons: dense layers, activations, the loss, the optimizers.
//!
//! Shapes used everywhere: a batch `x` is `(n, inputs)`; a layer's `weight` is `(out, in)` as PyTorch stores it, so one
//! row is one node; `z = x . weight^T + bias` is `(n, out)`. Hidden layers apply the activation, the last one yields
//! logits. This room knows arrays. It does not know datasets, threads or files.

pub mod activation;
pub mod init;
pub mod linear;
pub mod loss;
pub mod mlp;
pub mod optim;

pub use activation::Activation;
pub use init::Init;
pub use linear::Linear;
pub use mlp::{Mlp, Shape};
pub use optim::Optimizer;
