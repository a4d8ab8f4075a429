//! Loupe as a wasm module under wasmtime, compiled as edge-host compiles the component.

use anyhow::{Context, Result, anyhow, ensure};
use inference::Features;
use wasmtime::{Engine, Instance, Memory, Module, Store, WasmParams, WasmResults};

use super::margins::Margins;
use super::models::GUEST;

/// An instance of the module with a model in its memory.
pub(crate) struct Guest {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
    rows_per_call: usize,
}

impl Guest {
    /// Compiles the module and has it decode a blob. Computes so many rows per call.
    pub(crate) fn with(blob: &[u8], rows_per_call: usize) -> Result<Guest> {
        let engine = Engine::default();
        let module = Module::from_file(&engine, GUEST).map_err(to_anyhow)?;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).map_err(to_anyhow)?;
        let memory = instance.get_memory(&mut store, "memory").context("no memory is exported")?;
        let mut guest = Guest { store, instance, memory, rows_per_call };
        guest.fill(blob)?;
        guest.decode_again()?;
        Ok(guest)
    }

    /// Decodes the blob that was copied in last.
    pub(crate) fn decode_again(&mut self) -> Result<()> {
        ensure!(self.call::<(), u32>("decode", ())? == 1, "the guest cannot decode the blob");
        Ok(())
    }

    /// Loads the image that was copied in last.
    pub(crate) fn load_image_again(&mut self) -> Result<()> {
        ensure!(self.call::<(), u32>("load", ())? == 1, "the guest cannot load the image");
        Ok(())
    }

    /// Copies bytes into the guest's memory.
    pub(crate) fn fill(&mut self, bytes: &[u8]) -> Result<()> {
        let at: u32 = self.call("buffer", u32::try_from(bytes.len())?)?;
        Ok(self.memory.write(&mut self.store, at as usize, bytes)?)
    }

    /// Calls an export. Looking it up takes far less than a turn.
    fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, parameters: P) -> Result<R> {
        let export = self.instance.get_typed_func::<P, R>(&mut self.store, name);
        export.and_then(|export| export.call(&mut self.store, parameters)).map_err(to_anyhow)
    }
}

impl Margins for Guest {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        let values = rows.iter().flat_map(|row| row.values());
        let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
        self.fill(&bytes)?;
        self.call("take_rows", ())
    }

    fn compute(&mut self, margins: &mut [f64]) -> Result<()> {
        let count = u32::try_from(margins.len())?;
        match u32::try_from(self.rows_per_call)? {
            1 => self.call::<_, ()>("one_by_one", count)?,
            size => self.call::<_, ()>("in_batches", (count, size))?,
        }
        let at = self.call::<_, u32>("margins", ())? as usize;
        let bytes = self.memory.data(&self.store).get(at..).context("the guest has no margins")?;
        for (margin, bytes) in margins.iter_mut().zip(bytes.as_chunks().0) {
            *margin = f64::from_le_bytes(*bytes);
        }
        Ok(())
    }
}

/// wasmtime converts its errors to anyhow's only with a feature that edge-host does not use.
fn to_anyhow(error: wasmtime::Error) -> anyhow::Error {
    anyhow!("wasmtime: {error:#}")
}
