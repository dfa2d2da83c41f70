//! Criterion benches: `cargo bench`.
#![expect(missing_docs, reason = "criterion's macros write functions without docs")]

#[path = "main/frame.rs"]
mod frame;
#[path = "main/maps.rs"]
mod maps;

criterion::criterion_group!(benches, frame::benches, maps::benches);
criterion::criterion_main!(benches);
