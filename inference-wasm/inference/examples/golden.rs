//! Makes the golden blobs of the format this build writes: `cargo xtask golden`.
//!
//! The files of a format are made once, when the format is new: they prove that later builds still read it to the bit. So
//! an existing folder is left as it is. The stones and forms are those of the format before.

use std::fmt::Write as _;

use inference::blob::{self, FORMAT, Model};
use inference::{Header, Predictor};

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
    // The encoder of the last seed is what only this format holds.
    let newest = seeds::models().pop().expect("there are seeds").header;
    let (diamonds, blobs) = cases::cases(&before);
    let text = std::fs::read_to_string(before.join("cases.csv"))?;
    let mut cases: Vec<String> =
        text.lines().map(|line| line.split(',').take(9).collect::<Vec<_>>().join(",")).collect();
    for (name, _) in blobs {
        let Model { header, form } =
            blob::decode(&std::fs::read(before.join(&name))?).expect("a golden blob can be read");
        let header = Header { encoder: newest.encoder, ..header };
        let bytes = blob::encode(&Model { header, form }).expect("a golden model can be written");
        assert_eq!(bytes[8..10], FORMAT.to_le_bytes(), "{name} needs no newer format");
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
