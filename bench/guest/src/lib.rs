//! The predict path as a bare wasm module: a model and rows are put into its memory, and each export then works
//! through all of them, so that a call costs nothing beside its work.
//!
//! Nothing here is unsafe but a word: an export's name could clash with another's.

use std::cell::RefCell;
use std::hint::black_box;

use inference::features::FEATURE_COUNT;
use inference::{Features, Form, blob, image};

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::new(Bench::default());
}

/// What the host has put in, and what was computed of it.
#[derive(Default)]
struct Bench {
    buffer: Vec<u8>,
    form: Option<Form>,
    rows: Vec<Features>,
    margins: Vec<f64>,
}

/// Makes room for this many bytes and says where.
#[unsafe(no_mangle)]
pub extern "C" fn buffer(bytes: usize) -> *mut u8 {
    BENCH.with_borrow_mut(|bench| {
        bench.buffer.resize(bytes, 0);
        bench.buffer.as_mut_ptr()
    })
}

/// Decodes the blob in the buffer this many times and keeps the last; says whether it is a model.
#[unsafe(no_mangle)]
pub extern "C" fn decode(times: u32) -> u32 {
    BENCH.with_borrow_mut(|bench| {
        for _ in 0..times {
            bench.form = blob::decode(black_box(&bench.buffer)).ok().map(|model| model.form);
        }
        u32::from(bench.form.is_some())
    })
}

/// Loads the image in the buffer this many times; says whether it is a model.
#[unsafe(no_mangle)]
pub extern "C" fn load(times: u32) -> u32 {
    BENCH.with_borrow(|bench| {
        let is_model =
            (0..times).all(|_| black_box(image::decode(black_box(&bench.buffer))).is_ok());
        u32::from(is_model)
    })
}

/// Takes the buffer as rows of nine little-endian f64.
#[unsafe(no_mangle)]
pub extern "C" fn take_rows() {
    BENCH.with_borrow_mut(|bench| {
        let (values, _) = bench.buffer.as_chunks::<8>();
        let values: Vec<f64> = values.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        let (rows, _) = values.as_chunks::<FEATURE_COUNT>();
        bench.rows = rows.iter().copied().map(Features::from_values).collect();
        bench.margins = vec![f64::NAN; bench.rows.len()];
    });
}

/// Computes the margins of the first rows, each by itself.
#[unsafe(no_mangle)]
pub extern "C" fn one_by_one(count: usize) {
    BENCH.with_borrow_mut(|bench| {
        let Some(form) = &bench.form else { return };
        for (row, margin) in bench.rows.iter().take(count).zip(&mut bench.margins) {
            *margin = form.margin(black_box(row));
        }
    });
}

/// Computes the margins of the first rows, `size` at a time.
#[unsafe(no_mangle)]
pub extern "C" fn in_batches(count: usize, size: usize) {
    BENCH.with_borrow_mut(|bench| {
        let Some(form) = &bench.form else { return };
        let rows = bench.rows.get(..count).unwrap_or(&bench.rows);
        for (rows, margins) in rows.chunks(size).zip(bench.margins.chunks_mut(size)) {
            form.margins(black_box(rows), margins);
        }
    });
}

/// Where the margins are, one little-endian f64 a row.
#[unsafe(no_mangle)]
pub extern "C" fn margins() -> *const f64 {
    BENCH.with_borrow(|bench| bench.margins.as_ptr())
}
