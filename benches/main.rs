//! Criterion benches: `cargo bench`.

#[path = "main/frame.rs"]
mod frame;
#[path = "main/maps.rs"]
mod maps;
#[path = "main/step.rs"]
mod step;

criterion::criterion_group!(benches, frame::benches, maps::benches, step::benches);
criterion::criterion_main!(benches);
