//! Splits a price into dollars per feature: `cargo run --release -p inference --example explain`.

use std::error::Error;

use inference::{Carat, Clarity, Color, Cut, Diamond, Measures, PartValue, Predictor};

/// The released champion.
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/champion.loupe");

fn main() -> Result<(), Box<dyn Error>> {
    let predictor = Predictor::from_blob(&std::fs::read(MODEL)?)?;
    let diamond = Diamond {
        carat: Carat::new(0.7)?,
        cut: Cut::Ideal,
        color: Color::G,
        clarity: Clarity::VS1,
        measures: Measures::default(),
        price_list: None,
    };

    // The first part is the price of the average stone. Each further part is what one feature adds to it.
    let parts = predictor.explain(&diamond).ok_or("the price is not a finite number")?;
    for part in &parts {
        let value = match part.value {
            Some(PartValue::Number(number)) => number.to_string(),
            Some(PartValue::Grade(grade)) => grade.to_owned(),
            Some(PartValue::PriceList(list)) => list.to_string(),
            None => String::new(),
        };
        println!("{:32} {value:>8} {:>10.2}", part.label, part.effect_usd);
    }

    // Counted in cents, the parts add up to the price exactly.
    let sum: f64 = parts.iter().map(|part| part.effect_usd).sum();
    println!("{:32} {:>8} {sum:>10.2}", "Price", "");
    Ok(())
}
