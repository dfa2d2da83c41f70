//! A training run as seen from outside: what it says ([`Snapshot`]), what it can be told ([`Control`]), and its form on
//! disk. Values only; no thread lives here, and nothing here knows a terminal or a dataset's bytes.

pub mod checkpoint;
pub mod control;
#[cfg(feature = "fault-injection")]
pub mod fault;
pub mod history;
pub mod latest;
pub mod line;
mod metrics;
pub mod model_file;
mod npz;
pub mod pace;
pub mod run_folder;
pub mod runs;
pub mod snapshot;
mod tensors;
pub mod whole_file;

pub use checkpoint::{Checkpoint, EpochSums};
pub use control::Control;
pub use history::{Curve, History, Point};
pub use latest::Latest;
pub use line::{Line, Reason};
pub use model_file::{ModelFile, load_model};
pub use pace::Pace;
pub use run_folder::RunFolder;
pub use snapshot::{Evaluation, Phase, Plan, Snapshot};
