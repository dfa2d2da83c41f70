//! Watch a neural network learn, node by node, in a terminal.
//!
//! weightscope trains a multilayer perceptron in a worker thread and shows, live and for every node of every
//! layer, the 28x28 picture that the node looks for: the layer's weights carried back to the pixels.
//!
//! # The house
//!
//! One crate, six floors. `use crate::…` may only point to a lower floor (a room may use its own folder); the test
//! `tests/it/tidy.rs` holds the code to it.
//!
//! ```text
//! floor 5  front door    main -> run   cli   config     what the user wrote, and who is called for it
//! floor 4  front rooms   ui   report   export           look at snapshots and maps
//! floor 3  workshops     train   lens                   siblings that never import each other
//! floor 2  session       snapshot history control ...   values handed between floors, and their file form
//! floor 1  stores        data   nn                      siblings that never import each other
//! floor 0  foundations   error   logging   simd
//! ```
//!
//! ```text
//! bytes -> data::Dataset -> train::Trainer -> session::Snapshot (Arc) -> lens::Map -> grey levels -> ui cells
//!                               ^                                                                      |
//!                               +------------------- session::Control (channel) <----------------------+
//! ```
//!
//! Two deliberate ignorances: nothing below `ui` knows that ratatui or crossterm exist (colours and glyphs begin in
//! [`ui`]); and [`ui`] does not know how training is done (it sees snapshots, maps, and a sender of
//! [`session::Control`]). Each room defines its own options; [`config`] only puts together what the user wrote.
//!
//! # Words
//!
//! The field's words are used as they are: epoch, step, batch, logits, optimizer. Our own are four.
//! - **node**: one unit of a layer (literature: unit, neuron). Layers are numbered from 1 on screen, nodes from 0.
//! - **lens**: a way of asking "what does this node look for?" ([`lens::Lens`]).
//! - **map**: the 28x28 answer ([`lens::Map`]).
//! - **session**: one training run as seen from outside ([`session::Snapshot`]).
//!
//! The library half exists for the binary, the tests and the benches; it carries no semver promise.

pub mod error;
pub mod logging;
pub mod simd;

pub mod data;
pub mod nn;

pub mod session;

pub mod lens;
pub mod train;

pub mod export;
pub mod report;
pub mod ui;

pub mod cli;
pub mod config;
pub mod run;
