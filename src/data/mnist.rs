//! The four IDX files of MNIST and its relatives: verified, then read.
