//! Criterion benches: `cargo bench`.
#![expect(missing_docs, reason = "criterion's macros write functions without docs")]

#[path = "main/maps.rs"]
mod maps;

criterion::criterion_group!(benches, maps::benches);
criterion::criterion_main!(benches);
