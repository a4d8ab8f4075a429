//! Makes the golden blobs of the format this build writes: `cargo xtask golden`.
//!
//! The files of a format are made once, when the format is new: they prove that later builds still read it to the bit. So
//! an existing folder is left as it is. The stones are those of the format before; there is a blob of every kind.

use std::fmt::Write as _;

use inference::Predictor;
use inference::blob::{self, FORMAT};

#[path = "../tests/properties/mod.rs"]
mod properties;

use properties::{cases, seeds};

fn main() -> std::io::Result<()> {
    let (before, folder) = (cases::folder(FORMAT - 1), cases::folder(FORMAT));
    if folder.exists() {
        println!("{} exists already and stays as it is", folder.display());
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    let (diamonds, _) = cases::cases(&before);
    let text = std::fs::read_to_string(before.join("cases.csv"))?;
    let stone = |line: &str| line.split(',').take(cases::FIELDS).collect::<Vec<_>>().join(",");
    let mut cases: Vec<String> = text.lines().map(stone).collect();
    for (at, model) in seeds::models().iter().enumerate() {
        let name = format!("seed-{at}.loupe");
        let bytes = blob::encode(model).expect("a seed can be written");
        std::fs::write(folder.join(&name), &bytes)?;
        let predictor = Predictor::from_blob(&bytes).expect("and read");
        let _ = write!(cases[0], ",{name}");
        for (case, diamond) in cases[1..].iter_mut().zip(&diamonds) {
            // The x keeps a spreadsheet from reading it as a number.
            let _ = write!(case, ",x{:016x}", predictor.price_usd(diamond).to_bits());
        }
    }
    std::fs::write(folder.join("cases.csv"), cases.join("\n") + "\n")?;
    println!("made {}", folder.display());
    Ok(())
}
