//! The dashboard: the event loop, what is shown, and how it reaches the terminal.
//!
//! This room sees [`crate::session::Snapshot`]s and [`crate::lens`] maps and sends [`crate::session::Control`]s. It does not
//! know how training is done.

pub mod event;
pub mod palette;
pub mod terminal;
