//! What ratatui does not bring.

pub mod ink;
pub mod map;
pub mod node_map;

pub use ink::Ink;
pub use map::MapView;
pub use node_map::NodeMap;
