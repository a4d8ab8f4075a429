//! Reads the corpus of a fuzz target from its archive and checks every input. The tests `corpus` share this file.

use std::fs;
use std::io::Read;
use std::path::Path;

/// Calls `check` with every input in `fuzz/corpus/TARGET.tar`.
pub(crate) fn replay(target: &str, check: fn(&[u8])) {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let corpus = folders.find_map(|folder| fs::canonicalize(folder.join("fuzz/corpus")).ok());
    let path = corpus.expect("the folder of the corpora").join(target).with_extension("tar");
    let file = fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut inputs = 0;
    for entry in tar::Archive::new(file).entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        let mut input = Vec::new();
        entry.read_to_end(&mut input).expect("an input");
        // Cargo shows this only when a check fails, and then it says which input was being checked.
        println!("{}", entry.path().expect("a name").display());
        check(&input);
        inputs += 1;
    }
    assert!(inputs > 50, "only {inputs} inputs in {}", path.display());
    println!("{inputs} inputs of {target}");
}
