//! Loupe as a wasm module under wasmtime, compiled as edge-host compiles the component.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use inference::Features;
use wasmtime::{Engine, Instance, Memory, Module, Store, TypedFunc, WasmParams, WasmResults};

use super::margins::Margins;

/// An instance of the module with a model in its memory.
pub(crate) struct Guest {
    store: Store<()>,
    memory: Memory,
    buffer: TypedFunc<u32, u32>,
    decode: TypedFunc<u32, u32>,
    load_image: TypedFunc<u32, u32>,
    take_rows: TypedFunc<(), ()>,
    one_by_one: TypedFunc<u32, ()>,
    in_batches: TypedFunc<(u32, u32), ()>,
    margins: TypedFunc<(), u32>,
    rows_per_call: u32,
}

impl Guest {
    /// Compiles the module and has it decode a blob.
    pub(crate) fn with(module: &Path, blob: &[u8]) -> Result<Guest> {
        let engine = Engine::default();
        let module = Module::from_file(&engine, module).map_err(to_anyhow)?;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).map_err(to_anyhow)?;
        let memory = instance.get_memory(&mut store, "memory").context("no memory is exported")?;
        let mut guest = Guest {
            memory,
            buffer: export(&mut store, &instance, "buffer")?,
            decode: export(&mut store, &instance, "decode")?,
            load_image: export(&mut store, &instance, "load")?,
            take_rows: export(&mut store, &instance, "take_rows")?,
            one_by_one: export(&mut store, &instance, "one_by_one")?,
            in_batches: export(&mut store, &instance, "in_batches")?,
            margins: export(&mut store, &instance, "margins")?,
            store,
            rows_per_call: 1,
        };
        guest.fill(blob)?;
        guest.decode_again()?;
        Ok(guest)
    }

    /// Computes so many rows per call from now on.
    pub(crate) fn in_batches_of(self, rows_per_call: usize) -> Result<Guest> {
        Ok(Guest { rows_per_call: u32::try_from(rows_per_call)?, ..self })
    }

    /// Decodes the blob that was copied in last.
    pub(crate) fn decode_again(&mut self) -> Result<()> {
        let is_model = self.decode.call(&mut self.store, 1).map_err(to_anyhow)?;
        ensure!(is_model == 1, "the guest cannot decode the blob");
        Ok(())
    }

    /// Loads the image that was copied in last.
    pub(crate) fn load_image_again(&mut self) -> Result<()> {
        let is_model = self.load_image.call(&mut self.store, 1).map_err(to_anyhow)?;
        ensure!(is_model == 1, "the guest cannot load the image");
        Ok(())
    }

    /// Copies bytes into the guest's memory.
    pub(crate) fn fill(&mut self, bytes: &[u8]) -> Result<()> {
        let room = u32::try_from(bytes.len())?;
        let at = self.buffer.call(&mut self.store, room).map_err(to_anyhow)?;
        Ok(self.memory.write(&mut self.store, at as usize, bytes)?)
    }
}

impl Margins for Guest {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        let values = rows.iter().flat_map(|row| row.values());
        let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
        self.fill(&bytes)?;
        self.take_rows.call(&mut self.store, ()).map_err(to_anyhow)
    }

    fn compute(&mut self, margins: &mut [f64]) -> Result<()> {
        let count = u32::try_from(margins.len())?;
        match self.rows_per_call {
            1 => self.one_by_one.call(&mut self.store, count),
            size => self.in_batches.call(&mut self.store, (count, size)),
        }
        .map_err(to_anyhow)?;
        let at = self.margins.call(&mut self.store, ()).map_err(to_anyhow)? as usize;
        let bytes = self.memory.data(&self.store).get(at..).context("the guest has no margins")?;
        for (margin, bytes) in margins.iter_mut().zip(bytes.as_chunks().0) {
            *margin = f64::from_le_bytes(*bytes);
        }
        Ok(())
    }
}

fn export<P: WasmParams, R: WasmResults>(
    store: &mut Store<()>,
    instance: &Instance,
    name: &str,
) -> Result<TypedFunc<P, R>> {
    instance.get_typed_func(store, name).map_err(to_anyhow)
}

/// wasmtime converts its errors to anyhow's only with a feature that edge-host does not use.
fn to_anyhow(error: wasmtime::Error) -> anyhow::Error {
    anyhow!("wasmtime: {error:#}")
}
