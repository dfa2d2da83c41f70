//! A training run as seen from outside: what it says ([`Snapshot`]), what it can be told ([`Control`]), and its form on
//! disk. Values only; no thread lives here, and nothing here knows a terminal or a dataset's bytes.

pub mod checkpoint;
pub mod control;
pub mod history;
pub mod latest;
pub mod line;
pub mod pace;
pub mod run_folder;
pub mod snapshot;

pub use control::Control;
pub use history::{Curve, History, Point};
pub use latest::Latest;
pub use line::{Line, Reason};
pub use pace::Pace;
pub use snapshot::{Evaluation, Phase, Plan, Snapshot};
