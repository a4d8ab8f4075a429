//! XGBoost through its C API, on one thread. This is the only unsafe code of the benchmarks, because a call of C is unsafe.

#![expect(unsafe_code, reason = "XGBoost is a C library; its safe crate cannot predict in place")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::path::Path;
use std::ptr;

use anyhow::{Context, Result, bail, ensure};
use inference::Features;
use xgboost_rs_sys as c;

use super::margins::Margins;
use super::models::BOOSTER;
use crate::reference::COLUMNS;

/// Margins by all trees; NaN is a missing value. XGBoost parses this in each call.
const CONFIG: &CStr = cr#"{"type":1,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"cache_id":0,"missing":NaN}"#;

type Row = [f32; COLUMNS];

/// Rows for XGBoost, so many per call: described where they are, or copied into a matrix.
pub(crate) struct XgBoostRows {
    booster: Booster,
    rows_per_call: usize,
    in_matrix: bool,
    /// The rows of each call. The matrix of a batch is made when it is loaded, that of a single row in the call.
    calls: Vec<(InPlace, Option<Matrix>)>,
}

impl XgBoostRows {
    pub(crate) fn open(rows_per_call: usize, in_matrix: bool) -> Result<XgBoostRows> {
        let booster = Booster::load(Path::new(BOOSTER))?;
        Ok(XgBoostRows { booster, rows_per_call, in_matrix, calls: Vec::new() })
    }
}

impl Margins for XgBoostRows {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        let rows: Vec<Row> = rows.iter().map(single_precision).collect();
        let calls = rows.chunks(self.rows_per_call).map(|rows| {
            let rows = InPlace::new(rows)?;
            let has_matrix = self.in_matrix && self.rows_per_call > 1;
            let matrix = has_matrix.then(|| Matrix::of(&rows)).transpose()?;
            Ok((rows, matrix))
        });
        self.calls = calls.collect::<Result<_>>()?;
        Ok(())
    }

    fn compute(&mut self, margins: &mut [f64]) -> Result<()> {
        for ((rows, matrix), margins) in
            self.calls.iter().zip(margins.chunks_mut(self.rows_per_call))
        {
            // A warm-up may have fewer rows than a call, and must not use the matrix: XGBoost would remember its margins.
            let count = margins.len();
            let is_whole = count == rows.values.len();
            let part = if is_whole { None } else { Some(InPlace::new(&rows.values[..count])?) };
            let rows = part.as_ref().unwrap_or(rows);
            match matrix {
                Some(matrix) if is_whole => self.booster.margins_of(matrix, margins)?,
                _ if self.in_matrix => self.booster.margins_of(&Matrix::of(rows)?, margins)?,
                _ => self.booster.margins_in_place(rows, margins)?,
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "XGBoost works in f32")]
fn single_precision(row: &Features) -> Row {
    std::array::from_fn(|column| row.values()[column] as f32)
}

/// A trained booster.
struct Booster(c::BoosterHandle);

/// Rows that XGBoost has copied.
struct Matrix {
    handle: c::DMatrixHandle,
    rows: usize,
}

/// Rows that stay where they are, with their description for XGBoost, by NumPy's array interface.
struct InPlace {
    values: Box<[Row]>,
    description: CString,
}

impl Booster {
    /// Loads a model; XGBoost recognises its format by the file's extension.
    fn load(file: &Path) -> Result<Booster> {
        let name = CString::new(file.to_str().context("the path is not UTF-8")?)?;
        let mut handle = ptr::null_mut();
        // SAFETY: no matrix is given, so none is read; `handle` outlives the call and is owned from here on.
        check(unsafe { c::XGBoosterCreate(ptr::null(), 0, &raw mut handle) })?;
        let booster = Booster(handle);
        // SAFETY: the handle was just made; `name` is a C string that outlives the call.
        check(unsafe { c::XGBoosterLoadModel(booster.0, name.as_ptr()) })
            .with_context(|| format!("XGBoost cannot load {}", file.display()))?;
        // SAFETY: as above; both texts are static C strings.
        check(unsafe { c::XGBoosterSetParam(booster.0, c"nthread".as_ptr(), c"1".as_ptr()) })?;
        Ok(booster)
    }

    /// The margins of rows that XGBoost reads where they are.
    fn margins_in_place(&self, rows: &InPlace, margins: &mut [f64]) -> Result<()> {
        let (array, config, none) = (rows.description.as_ptr(), CONFIG.as_ptr(), ptr::null_mut());
        self.read_margins(rows.values.len(), margins, |shape, dimensions, result| {
            // SAFETY: the booster is alive; both texts are C strings; the description has the address of `rows.values`, which are
            // borrowed, and their number; no matrix is given, so none is read.
            unsafe {
                c::XGBoosterPredictFromDense(self.0, array, config, none, shape, dimensions, result)
            }
        })
    }

    /// The margins of a matrix. XGBoost remembers them, so a second measurement needs a new matrix.
    fn margins_of(&self, matrix: &Matrix, margins: &mut [f64]) -> Result<()> {
        let (handle, config) = (matrix.handle, CONFIG.as_ptr());
        self.read_margins(matrix.rows, margins, |shape, dimensions, result| {
            // SAFETY: booster and matrix are alive; the text is a C string.
            unsafe {
                c::XGBoosterPredictFromDMatrix(self.0, handle, config, shape, dimensions, result)
            }
        })
    }

    fn read_margins(
        &self,
        rows: usize,
        margins: &mut [f64],
        predict: impl FnOnce(*mut *const u64, *mut u64, *mut *const f32) -> c_int,
    ) -> Result<()> {
        ensure!(margins.len() == rows, "{rows} rows and room for {} margins", margins.len());
        let (mut shape, mut dimensions, mut result) = (ptr::null(), 0, ptr::null());
        check(predict(&raw mut shape, &raw mut dimensions, &raw mut result))?;
        // SAFETY: after a success `shape` has `dimensions` numbers, of which the first counts the rows; they belong to the
        // booster and stay until its next prediction, which cannot happen here: nothing predicts before this function returns.
        let shape = unsafe { std::slice::from_raw_parts(shape, usize::try_from(dimensions)?) };
        ensure!(shape.first() == Some(&(rows as u64)), "XGBoost answered for {shape:?} rows");
        // SAFETY: likewise; one margin per row, as the model has one output.
        let result = unsafe { std::slice::from_raw_parts(result, rows) };
        for (margin, found) in margins.iter_mut().zip(result) {
            *margin = f64::from(*found);
        }
        Ok(())
    }
}

impl Drop for Booster {
    fn drop(&mut self) {
        // SAFETY: made by XGBoosterCreate and freed nowhere else.
        unsafe { c::XGBoosterFree(self.0) };
    }
}

impl Matrix {
    /// Copies rows into a matrix.
    fn of(rows: &InPlace) -> Result<Matrix> {
        let mut handle = ptr::null_mut();
        let config = c"{\"missing\":NaN,\"nthread\":1}";
        // SAFETY: both texts are C strings; the description is that of borrowed rows, which are copied.
        check(unsafe {
            c::XGDMatrixCreateFromDense(rows.description.as_ptr(), config.as_ptr(), &raw mut handle)
        })?;
        Ok(Matrix { handle, rows: rows.values.len() })
    }
}

impl Drop for Matrix {
    fn drop(&mut self) {
        // SAFETY: made by XGDMatrixCreateFromDense and freed nowhere else.
        unsafe { c::XGDMatrixFree(self.handle) };
    }
}

impl InPlace {
    fn new(rows: &[Row]) -> Result<InPlace> {
        let values: Box<[Row]> = rows.into();
        let description = CString::new(format!(
            r#"{{"data":[{},true],"shape":[{},{COLUMNS}],"typestr":"<f4","version":3}}"#,
            values.as_ptr().expose_provenance(),
            values.len()
        ))?;
        Ok(InPlace { values, description })
    }
}

fn check(status: c_int) -> Result<()> {
    if status == 0 {
        return Ok(());
    }
    // SAFETY: XGBoost keeps the message of this thread's last failure until its next one.
    let message: *const c_char = unsafe { c::XGBGetLastError() };
    // SAFETY: it is a C string, never null.
    bail!("XGBoost: {}", unsafe { CStr::from_ptr(message) }.to_string_lossy())
}
