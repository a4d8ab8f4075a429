//! Prices a diamond: `cargo run --release -p inference --example price [CARAT CUT COLOR CLARITY]`.

use std::error::Error;

use inference::{DiamondInput, Predictor};

/// The released champion.
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/champion.loupe");

fn main() -> Result<(), Box<dyn Error>> {
    let predictor = Predictor::from_blob(&std::fs::read(MODEL)?)?;

    // Fields that are not given stay absent; only the four Cs are required.
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    if args.is_empty() {
        args = ["0.7", "Ideal", "G", "VS1"].map(String::from).to_vec();
    }
    let mut input = DiamondInput::default();
    for (field, text) in DiamondInput::FIELDS.into_iter().zip(&args) {
        input.set_text(field, text);
    }

    // Parsing reports every bad field at once.
    let diamond = match input.parse() {
        Ok(diamond) => diamond,
        Err(errors) => {
            errors.iter().for_each(|error| eprintln!("{error}"));
            return Err("this is not a diamond".into());
        }
    };

    let estimate = predictor.estimate(&diamond);
    println!("price: ${:.2}", estimate.price_usd);
    if let Some(range) = estimate.range {
        let percent = 100.0 * range.confidence;
        println!(
            "{percent:.0} in 100 such stones: ${:.2} to ${:.2}",
            range.low_usd, range.high_usd
        );
    }
    estimate.warnings.iter().for_each(|warning| println!("note: {warning}"));
    Ok(())
}
