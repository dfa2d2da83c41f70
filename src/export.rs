//! Maps and weights as files.
