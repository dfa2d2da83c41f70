//! The one integration binary: each module drives the program as a user would, or guards the house.

mod claims;
mod cli;
mod dashboard;
mod headless;
mod models;
mod support;
mod terminal;
mod tidy;
