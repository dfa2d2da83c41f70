//! The one integration binary: each module drives the program as a user would, or guards the house.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what helpers of tests find wrong fails the test"
)]

mod claims;
mod cli;
mod dashboard;
mod headless;
mod models;
mod parity;
mod pictures;
mod support;
mod terminal;
mod tidy;
