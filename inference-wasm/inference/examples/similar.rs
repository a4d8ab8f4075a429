//! Finds the most similar stones of the data set: `cargo run --release -p inference --example similar`.

use std::error::Error;

use inference::{Clarity, Color, Cut, Samples};

/// The released data set, in less than four bytes per stone.
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/samples.loupe");

fn main() -> Result<(), Box<dyn Error>> {
    let samples = Samples::from_bytes(&std::fs::read(SAMPLES)?)?;

    // Similar stones have the same grades. The nearest carat comes first, and of equal ones the lowest id.
    let grades = (Cut::Ideal, Color::G, Clarity::VS1);
    for stone in samples.similar(grades, 0.7, 5) {
        let [carat, depth, table, price, x, y, z] = stone.numbers;
        println!(
            "{:>6}: {carat} ct, ${price}, depth {depth}, table {table}, {x} x {y} x {z} mm",
            stone.id
        );
    }
    Ok(())
}
