//! XGBoost through its C API, on one thread. The only unsafe code of the benchmark: what is unsafe is calling C.

#![expect(
    unsafe_code,
    reason = "XGBoost is a C library, and its safe crate cannot predict in place"
)]

use std::ffi::{CStr, CString, c_char, c_int};
use std::path::Path;
use std::ptr;

use anyhow::{Context, Result, bail, ensure};
use inference::features::FEATURE_COUNT;
use xgboost_rs_sys as c;

/// Margins by all trees, from values of which NaN is missing. Parsed anew by XGBoost at each call.
const CONFIG: &CStr = cr#"{"type":1,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"cache_id":0,"missing":NaN}"#;

/// A trained booster.
pub(crate) struct Booster(c::BoosterHandle);

/// Rows as XGBoost keeps them itself.
pub(crate) struct Matrix {
    handle: c::DMatrixHandle,
    rows: usize,
}

/// Rows that stay where they are, and their description for XGBoost.
pub(crate) struct InPlace {
    values: Box<[[f32; FEATURE_COUNT]]>,
    /// How many of them are described.
    rows: usize,
    description: CString,
}

impl Booster {
    /// Loads a model of any format that XGBoost knows by its file's extension.
    pub(crate) fn load(file: &Path) -> Result<Booster> {
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
    pub(crate) fn margins_in_place(&self, rows: &InPlace, margins: &mut [f64]) -> Result<()> {
        self.read_margins(rows.rows, margins, |shape, dimensions, result| {
            // SAFETY: the booster is alive; both texts are C strings; the description tells the address and the
            // at most the size of `rows.values`, which are borrowed; without a matrix there is nothing else to know of them.
            unsafe {
                c::XGBoosterPredictFromDense(
                    self.0,
                    rows.description.as_ptr(),
                    CONFIG.as_ptr(),
                    ptr::null_mut(),
                    shape,
                    dimensions,
                    result,
                )
            }
        })
    }

    /// The margins of a matrix. XGBoost remembers them: for a second time a matrix must be made anew.
    pub(crate) fn margins_of(&self, matrix: &Matrix, margins: &mut [f64]) -> Result<()> {
        self.read_margins(matrix.rows, margins, |shape, dimensions, result| {
            // SAFETY: booster and matrix are alive; the text is a C string.
            unsafe {
                c::XGBoosterPredictFromDMatrix(
                    self.0,
                    matrix.handle,
                    CONFIG.as_ptr(),
                    shape,
                    dimensions,
                    result,
                )
            }
        })
    }

    fn read_margins(
        &self,
        rows: usize,
        margins: &mut [f64],
        predict: impl FnOnce(*mut *const u64, *mut u64, *mut *const f32) -> c_int,
    ) -> Result<()> {
        ensure!(margins.len() == rows, "{rows} rows and {} places", margins.len());
        let (mut shape, mut dimensions, mut result) = (ptr::null(), 0, ptr::null());
        check(predict(&raw mut shape, &raw mut dimensions, &raw mut result))?;
        // SAFETY: after a success `shape` has `dimensions` numbers, of which the first counts the rows; they belong
        // to the booster and stay until its next prediction, which `&self` in one thread keeps away.
        let shape = unsafe { std::slice::from_raw_parts(shape, usize::try_from(dimensions)?) };
        ensure!(shape.first() == Some(&(rows as u64)), "XGBoost answered for {shape:?} rows");
        // SAFETY: likewise; one margin a row, as the model has one output.
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
    pub(crate) fn of(rows: &InPlace) -> Result<Matrix> {
        let mut handle = ptr::null_mut();
        let config = c"{\"missing\":NaN,\"nthread\":1}";
        // SAFETY: both texts are C strings; the description is that of borrowed rows, which are copied.
        check(unsafe {
            c::XGDMatrixCreateFromDense(rows.description.as_ptr(), config.as_ptr(), &raw mut handle)
        })?;
        Ok(Matrix { handle, rows: rows.rows })
    }
}

impl Drop for Matrix {
    fn drop(&mut self) {
        // SAFETY: made by XGDMatrixCreateFromDense and freed nowhere else.
        unsafe { c::XGDMatrixFree(self.handle) };
    }
}

impl InPlace {
    /// Takes rows and describes all of them.
    pub(crate) fn new(values: Vec<[f32; FEATURE_COUNT]>) -> Result<InPlace> {
        let rows = values.len();
        let values = values.into_boxed_slice();
        let mut in_place = InPlace { values, rows, description: CString::default() };
        in_place.describe(rows)?;
        Ok(in_place)
    }

    /// Describes the first rows, by NumPy's array interface.
    pub(crate) fn describe(&mut self, rows: usize) -> Result<()> {
        self.rows = rows.min(self.values.len());
        self.description = CString::new(format!(
            r#"{{"data":[{},true],"shape":[{},{FEATURE_COUNT}],"typestr":"<f4","version":3}}"#,
            self.values.as_ptr().expose_provenance(),
            self.rows
        ))?;
        Ok(())
    }

    /// Puts another row in the place of the first.
    pub(crate) fn replace(&mut self, row: &[f32; FEATURE_COUNT]) {
        if let Some(first) = self.values.first_mut() {
            *first = *row;
        }
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
