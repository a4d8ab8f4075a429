//! Checks that the golden blobs are still read, and that their prices are unchanged to the bit.

use inference::Predictor;
use inference::blob::{self, FORMAT};

mod properties;

use properties::cases::{cases, folder};

#[test]
fn golden_blobs_give_the_prices_they_always_gave() {
    let folder = folder(FORMAT);
    assert!(folder.is_dir(), "run `cargo xtask golden` once to make {}", folder.display());
    let (diamonds, prices) = cases(&folder);
    assert!(diamonds.len() >= 1_000 && prices.len() >= 5);
    for (name, prices) in prices {
        let predictor = Predictor::from_blob(&std::fs::read(folder.join(&name)).unwrap()).unwrap();
        for (diamond, price) in diamonds.iter().zip(prices) {
            let found = predictor.price_usd(diamond).to_bits();
            assert_eq!(found, price, "{name}: {diamond:?}");
        }
    }
}

/// The same model gives the same bytes on every machine.
#[test]
fn a_golden_blob_is_written_as_it_was() {
    let folder = folder(FORMAT);
    for (name, _) in cases(&folder).1 {
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        let model = blob::decode(&bytes).unwrap();
        assert!(blob::encode(&model).unwrap() == bytes, "{name}");
    }
}
