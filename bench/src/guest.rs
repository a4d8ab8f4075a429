//! The wasm guest under wasmtime, compiled as edge-host compiles the component.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use inference::Features;
use wasmtime::{Engine, Instance, Memory, Module, Store, TypedFunc, WasmParams, WasmResults};

/// The guest with a model in it.
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
}

impl Guest {
    /// Compiles the module and has it decode a blob.
    pub(crate) fn with(module: &Path, blob: &[u8]) -> Result<Guest> {
        let engine = Engine::default();
        let module = Module::from_file(&engine, module).map_err(described)?;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).map_err(described)?;
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
        };
        guest.fill(blob)?;
        guest.decode_again()?;
        Ok(guest)
    }

    /// Decodes the blob that was put in last.
    pub(crate) fn decode_again(&mut self) -> Result<()> {
        let is_model = self.decode.call(&mut self.store, 1).map_err(described)?;
        ensure!(is_model == 1, "the guest cannot decode the blob");
        Ok(())
    }

    /// Puts an image in.
    pub(crate) fn fill_image(&mut self, image: &[u8]) -> Result<()> {
        self.fill(image)
    }

    /// Loads the image that was put in last.
    pub(crate) fn load_image_again(&mut self) -> Result<()> {
        let is_model = self.load_image.call(&mut self.store, 1).map_err(described)?;
        ensure!(is_model == 1, "the guest cannot load the image");
        Ok(())
    }

    /// Puts rows in.
    pub(crate) fn load(&mut self, rows: &[Features]) -> Result<()> {
        let values = rows.iter().flat_map(|row| row.values());
        let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
        self.fill(&bytes)?;
        self.take_rows.call(&mut self.store, ()).map_err(described)
    }

    /// The margins of the first rows, each computed by itself.
    pub(crate) fn one_by_one(&mut self, margins: &mut [f64]) -> Result<()> {
        let count = u32::try_from(margins.len())?;
        self.one_by_one.call(&mut self.store, count).map_err(described)?;
        self.read(margins)
    }

    /// The margins of the first rows, computed so many at a time.
    pub(crate) fn in_batches(&mut self, size: u32, margins: &mut [f64]) -> Result<()> {
        let count = u32::try_from(margins.len())?;
        self.in_batches.call(&mut self.store, (count, size)).map_err(described)?;
        self.read(margins)
    }

    fn fill(&mut self, bytes: &[u8]) -> Result<()> {
        let room = u32::try_from(bytes.len())?;
        let at = self.buffer.call(&mut self.store, room).map_err(described)?;
        Ok(self.memory.write(&mut self.store, at as usize, bytes)?)
    }

    fn read(&mut self, margins: &mut [f64]) -> Result<()> {
        let at = self.margins.call(&mut self.store, ()).map_err(described)? as usize;
        let bytes = self.memory.data(&self.store).get(at..).context("no margins are there")?;
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
    instance.get_typed_func(store, name).map_err(described)
}

/// wasmtime's errors become anyhow's by a feature only that edge-host does without.
fn described(error: wasmtime::Error) -> anyhow::Error {
    anyhow!("wasmtime: {error:#}")
}
