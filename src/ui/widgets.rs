//! What ratatui does not bring.

pub mod map;

pub use map::MapView;
