//! The code that prices as a bare wasm module: the host copies a model and rows into its memory, and each export then computes
//! all of them, so that the cost of a call does not count.
//!
//! `unsafe` here only marks exported names, which could clash with others.

use std::cell::RefCell;
use std::hint::black_box;

use inference::features::FEATURE_COUNT;
use inference::{Features, Form, blob, image};

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State::default());
}

/// The input that the host has copied in, and the output.
#[derive(Default)]
struct State {
    buffer: Vec<u8>,
    form: Option<Form>,
    rows: Vec<Features>,
    margins: Vec<f64>,
}

/// Allocates this many bytes and returns their address.
#[unsafe(no_mangle)]
pub extern "C" fn buffer(bytes: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.buffer.resize(bytes, 0);
        state.buffer.as_mut_ptr()
    })
}

/// Decodes the blob in the buffer and keeps the model; returns 1 if it is one.
#[unsafe(no_mangle)]
pub extern "C" fn decode() -> u32 {
    STATE.with_borrow_mut(|state| {
        state.form = blob::decode(black_box(&state.buffer)).ok().map(|model| model.form);
        u32::from(state.form.is_some())
    })
}

/// Loads the image in the buffer; returns 1 if it is a model.
#[unsafe(no_mangle)]
pub extern "C" fn load() -> u32 {
    STATE.with_borrow(|state| u32::from(black_box(image::decode(black_box(&state.buffer))).is_ok()))
}

/// Reads the buffer as rows of ten little-endian f64, a feature each.
#[unsafe(no_mangle)]
pub extern "C" fn take_rows() {
    STATE.with_borrow_mut(|state| {
        let (values, _) = state.buffer.as_chunks::<8>();
        let values: Vec<f64> = values.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        let (rows, _) = values.as_chunks::<FEATURE_COUNT>();
        state.rows = rows.iter().copied().map(Features::from_values).collect();
        state.margins = vec![f64::NAN; state.rows.len()];
    });
}

/// Computes the margins of the first rows, one by one.
#[unsafe(no_mangle)]
pub extern "C" fn one_by_one(count: usize) {
    STATE.with_borrow_mut(|state| {
        let Some(form) = &state.form else { return };
        for (row, margin) in state.rows.iter().take(count).zip(&mut state.margins) {
            *margin = form.margin(black_box(row));
        }
    });
}

/// Computes the margins of the first rows, `size` at a time.
#[unsafe(no_mangle)]
pub extern "C" fn in_batches(count: usize, size: usize) {
    STATE.with_borrow_mut(|state| {
        let Some(form) = &state.form else { return };
        let rows = state.rows.get(..count).unwrap_or(&state.rows);
        for (rows, margins) in rows.chunks(size).zip(state.margins.chunks_mut(size)) {
            form.margins(black_box(rows), margins);
        }
    });
}

/// The address of the margins, one little-endian f64 per row.
#[unsafe(no_mangle)]
pub extern "C" fn margins() -> *const f64 {
    STATE.with_borrow(|state| state.margins.as_ptr())
}
