//! backproject
