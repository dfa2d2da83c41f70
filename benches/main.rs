//! Criterion benches: `cargo bench`.

#[path = "main/maps.rs"]
mod maps;

criterion::criterion_group!(benches, maps::benches);
criterion::criterion_main!(benches);
