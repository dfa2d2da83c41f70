//! Criterion benches: `cargo bench`.

#[path = "main/frame.rs"]
mod frame;
#[path = "main/maps.rs"]
mod maps;

criterion::criterion_group!(benches, frame::benches, maps::benches);
criterion::criterion_main!(benches);
