//! Writes inputs to start from: `cargo run --example seeds`, whenever the format has changed. See README.md.

use std::fs;
use std::io::Result;
use std::path::Path;

use loupe_fuzz::models;

fn main() -> Result<()> {
    for (number, model) in (0_u8..).zip(models()) {
        let blob = inference::blob::encode(&model).expect("a seed can be written");
        write("blob_decode", number, &blob)?;
        let image = inference::image::encode(&blob).expect("a blob has an image");
        write("image_load", number, &image)?;
        // A change of one kind after the other, in the middle of header and payload.
        let changes = (0..24).flat_map(|which| [which, 40 + which, 0, which]);
        write("blob_mutate", number, &std::iter::once(number).chain(changes).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn write(target: &str, number: u8, bytes: &[u8]) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("seed-{number}")), bytes)
}
