//! Checks that an image prices as its blob does, and that a damaged one is refused or prices without a panic.

use std::path::{Path, PathBuf};

use inference::blob::{self, FORMAT};
use inference::form::Trees;
use inference::image::{self, LAYOUT};
use inference::{Diamond, EnvelopeError, Form, ImageError, Model, ModelId, Predictor};

mod properties;

use properties::image as bytes;
use properties::{cases, sealed, seeds};

/// Every golden blob and the released champion.
fn blobs() -> Vec<(PathBuf, Vec<u8>)> {
    let champion = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/champion.loupe");
    let folder = cases::folder(FORMAT);
    let golden = cases::cases(&folder).1.into_iter().map(|(name, _)| folder.join(name));
    let read = |path: PathBuf| {
        let blob = std::fs::read(&path).expect("a blob");
        (path, blob)
    };
    [champion].into_iter().chain(golden).map(read).collect()
}

fn cases() -> Vec<Diamond> {
    cases::cases(&cases::folder(FORMAT)).0
}

#[test]
fn an_image_prices_as_its_blob_does_to_the_bit() {
    let cases = cases();
    assert!(blobs().len() >= 6 && cases.len() >= 1_000);
    for (path, blob) in blobs() {
        let given = Predictor::from_blob(&blob).expect("a blob");
        let image = image::decode(&image::encode(&blob).expect("an image")).expect("a model");
        assert_eq!(image.id, ModelId::of(&blob));
        for diamond in &cases {
            let (found, given) = (image.predictor.estimate(diamond), given.estimate(diamond));
            assert_eq!(found.price_usd.to_bits(), given.price_usd.to_bits(), "{}", path.display());
            assert_eq!(found, given, "{}: {diamond:?}", path.display());
        }
    }
}

/// CRC-32 of the image of each kind of model. Where one changes, this build would misread stored images of this layout:
/// raise `LAYOUT`, and update the sums here.
#[test]
fn an_image_of_this_layout_is_written_as_it_was() {
    let sums: Vec<u32> = images().iter().map(|image| crc32fast::hash(image)).collect();
    let written = [
        3_787_335_927,
        4_026_540_126,
        2_828_984_489,
        3_776_943_661,
        2_846_480_326,
        3_215_149_713,
        3_706_704_686,
        2_192_741_179,
        2_169_762_566,
        3_038_469_189,
    ];
    assert_eq!((LAYOUT, sums), (1, written.to_vec()));
}

#[test]
fn a_served_image_is_small() {
    for (path, blob) in blobs() {
        let image = image::encode(&blob).expect("an image");
        assert!(image.len() < 300_000, "{}: {} bytes", path.display(), image.len());
    }
}

/// Images of every kind: each form, each kind of leaf, perfect and sparse trees.
fn images() -> Vec<Vec<u8>> {
    let image =
        |model: &Model| image::encode(&blob::encode(model).expect("a blob")).expect("an image");
    seeds::models().iter().map(image).collect()
}

/// The small ones of these images.
fn small_images() -> Vec<Vec<u8>> {
    let small: Vec<Vec<u8>> = images().into_iter().filter(|image| image.len() < 4_000).collect();
    assert!(small.len() >= 5, "{}", small.len());
    small
}

#[test]
fn every_truncated_image_is_refused() {
    for image in small_images() {
        for end in 0..image.len() {
            assert!(bytes::check_loading(&image[..end]).is_some(), "{end} bytes");
            // In a valid envelope too, since the body is incomplete.
            assert!(bytes::check_loading(&sealed::sealed(&image[..end])).is_some(), "{end} bytes");
        }
        assert!(bytes::check_loading(&[image.as_slice(), &[0]].concat()).is_some());
        assert_eq!(bytes::check_loading(&image), None);
        assert_eq!(sealed::sealed(&image), image);
    }
}

#[test]
fn every_changed_byte_is_refused_or_prices_a_stone() {
    for mut image in small_images() {
        for at in 0..image.len() {
            let before = image[at];
            for change in [1, 0x80, 0x7f, 0xff, 0x10] {
                image[at] = before ^ change;
                assert!(bytes::check_loading(&image).is_some(), "{change} at {at}");
                bytes::check(&image);
            }
            image[at] = before;
        }
    }
}

#[test]
fn every_failed_check_has_its_own_error() {
    let valid = small_images().remove(0);
    let check = |change: &dyn Fn(&mut Vec<u8>), expected: EnvelopeError| {
        let mut image = valid.clone();
        change(&mut image);
        assert_eq!(image::decode(&image).err(), Some(ImageError::Envelope(expected)));
    };
    let length = valid.len() as u64;
    check(&|image| image[0] = b'L', EnvelopeError::Magic);
    check(&|image| image.clear(), EnvelopeError::Magic);
    check(&|image| image[8] = 77, EnvelopeError::Format { found: 77, known: 1 });
    check(&|image| image[10] = 1, EnvelopeError::Reserved);
    check(&|image| image.truncate(100), EnvelopeError::Length { promised: length, found: 100 });
    check(&|image| image.truncate(30), EnvelopeError::Length { promised: 60, found: 30 });
    check(&|image| image.truncate(15), EnvelopeError::Length { promised: 60, found: 15 });
    let mut changed = valid.clone();
    changed[60] ^= 1;
    assert!(matches!(
        image::decode(&changed),
        Err(ImageError::Envelope(EnvelopeError::Checksum { .. }))
    ));
}

#[test]
fn a_form_that_a_walk_would_leave_is_refused() {
    // A perfect tree of depth 1: the binner, then one group of perfect trees, then no sparse trees.
    let nodes = seeds::stump(1.0, [-1.0, 2.0]);
    let trees = Trees::new(8.0, 0.5, vec![0], nodes).expect("a tree");
    let header = seeds::models().remove(0).header;
    let model = Model { header, form: Form::Trees(trees) };
    let image = image::encode(&blob::encode(&model).expect("a blob")).expect("an image");
    // From the end: checksum 8, sparse trees 8, two leaves of 1 and their width, a root block of 32.
    let root_block = image.len() - 8 - 8 - 3 - 32;
    let check = |at: usize, byte: u8, why: &str| {
        let mut changed = image.clone();
        changed[at] = byte;
        let refused = bytes::check_loading(&sealed::sealed(&changed)).expect("it is refused");
        assert!(refused.to_string().contains(why), "{refused}");
    };
    check(root_block, 1, "a lane that is not there");
    check(root_block + 16, 126, "above its own levels");
    check(root_block - 4, 0, "has no tree");
    check(root_block - 4, 2, "the body cannot be read");
    check(root_block - 5, 70, "the body cannot be read");
    check(root_block - 6, 0, "the body cannot be read");
    check(root_block + 32, 3, "a width that their kind cannot have");
    check(image.len() - 9, 1, "the body cannot be read");
}
