//! The dashboard without a terminal: journeys through its real loop, what it shows at every size, and what keys do.

mod browsing;
mod data;
mod inspecting;
mod journeys;
mod lockstep;
mod looking;
mod looks;
mod state;
