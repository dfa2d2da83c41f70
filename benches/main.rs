//! Criterion benches: `cargo bench`.
#![expect(missing_docs, reason = "criterion's macros write functions without docs")]

#[path = "main/maps.rs"]
mod maps;
#[path = "main/step.rs"]
mod step;

criterion::criterion_group!(benches, maps::benches, step::benches);
criterion::criterion_main!(benches);
