//! Checks that blobs of every format ever written are still read, and that their prices are unchanged to the bit.

use inference::Predictor;
use inference::blob::{self, FORMAT, Model};

mod properties;

use properties::cases::{cases, folder};

#[test]
fn every_format_that_can_be_read_has_its_golden_blobs() {
    for format in blob::OLDEST_FORMAT..=FORMAT {
        let folder = folder(format);
        assert!(folder.is_dir(), "run `cargo xtask golden` once to make {}", folder.display());
    }
}

#[test]
fn golden_blobs_give_the_prices_they_always_gave() {
    for format in blob::OLDEST_FORMAT..=FORMAT {
        let folder = folder(format);
        let (diamonds, prices) = cases(&folder);
        assert!(diamonds.len() >= 1_000 && prices.len() >= 4);
        for (name, prices) in prices {
            let predictor =
                Predictor::from_blob(&std::fs::read(folder.join(&name)).unwrap()).unwrap();
            for (diamond, price) in diamonds.iter().zip(prices) {
                let found = predictor.price_usd(diamond).to_bits();
                assert_eq!(found, price, "{name}: {diamond:?}");
            }
        }
    }
}

/// A model is written in the oldest format that holds it, and the same model gives the same bytes on every machine.
#[test]
fn a_golden_blob_is_written_as_it_was() {
    for format in blob::OLDEST_FORMAT..=FORMAT {
        let folder = folder(format);
        for (name, _) in cases(&folder).1 {
            let bytes = std::fs::read(folder.join(&name)).unwrap();
            let Model { header, form } = blob::decode(&bytes).unwrap();
            assert!(blob::encode(&Model { header, form }).unwrap() == bytes, "{name} of {format}");
        }
    }
}
