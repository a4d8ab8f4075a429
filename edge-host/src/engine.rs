//! Compiles the component with wasmtime and keeps the machine code on disk for the next start.

use std::path::Path;

use wasmtime::component::{Component, InstancePre};
use wasmtime::error::Context;
use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, MemoryType,
    PoolingAllocationConfig, Result, Store, bail, ensure,
};

use crate::host::{self, Host};

/// The most instances at one time.
const MAX_INSTANCES: u32 = 1000;

/// Memory that an unused slot of the pool keeps, so that the next instance has no page faults for it.
const RESIDENT_BYTES: usize = 2 << 20;

/// The interfaces besides WASI that a component may import.
const INTERFACES: [&str; 2] = ["spin:sqlite/sqlite@3.1.0", "spin:variables/variables@3.0.0"];

/// An engine that keeps compiled code in `cache_dir`.
pub(crate) fn engine(cache_dir: &Path) -> Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    let mut cache = CacheConfig::new();
    cache.with_directory(cache_dir);
    config.cache(Some(Cache::new(cache).context("cannot use the compilation cache")?));
    if has_address_space() {
        let mut pool = PoolingAllocationConfig::default();
        pool.total_component_instances(MAX_INSTANCES)
            .total_core_instances(4 * MAX_INSTANCES)
            .total_memories(MAX_INSTANCES)
            .total_tables(2 * MAX_INSTANCES)
            .total_stacks(MAX_INSTANCES)
            .max_component_instance_size(10 << 20)
            .max_core_instance_size(10 << 20)
            .max_memories_per_component(32)
            .max_tables_per_component(64)
            .max_tables_per_module(2)
            .table_elements(100_000)
            .max_memory_size(4 << 30)
            .linear_memory_keep_resident(RESIDENT_BYTES)
            .table_keep_resident(RESIDENT_BYTES / 4);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    Engine::new(&config)
}

/// Compiles a component file, or loads it from the cache, and links it. It must export `wasi:http/handler@0.3` and import
/// only what edge-host offers.
pub(crate) fn load(engine: &Engine, source: &Path) -> Result<InstancePre<Host>> {
    let path = source.display();
    let bytes = std::fs::read(source).with_context(|| {
        format!("`source`: cannot read {path} (`cargo xtask build` builds this repository's)")
    })?;
    // Bytes 4 to 7 are the version; its upper half is 1 for a component.
    ensure!(bytes.starts_with(b"\0asm"), "{path} is not a WebAssembly file");
    let is_component = bytes.get(6..8) == Some(&[1, 0]);
    ensure!(is_component, "{path} is a core module, not a component: build it for wasm32-wasip2");
    let component =
        Component::new(engine, &bytes).with_context(|| format!("cannot compile {path}"))?;
    check_interfaces(engine, &component).with_context(|| path.to_string())?;
    let linked = host::linker(engine)?.instantiate_pre(&component);
    linked.with_context(|| format!("{path} cannot be linked"))
}

fn check_interfaces(engine: &Engine, component: &Component) -> Result<()> {
    let types = component.component_type();
    let exports: Vec<_> = types.exports(engine).map(|(name, _)| name.to_owned()).collect();
    let is_handler =
        |name: &str| name.starts_with("wasi:http/handler@0.3") && !name.contains("-rc");
    if !exports.iter().any(|name| is_handler(name)) {
        let other = exports.iter().find(|name| name.contains("http"));
        let name = other.context(
            "it does not export wasi:http/handler@0.3, so it cannot answer HTTP requests",
        )?;
        bail!(
            "it exports {name}; edge-host runs wasi:http/handler@0.3 (WASI p3) only: build it with spin-sdk 7"
        );
    }
    let is_wasi = |name: &str| name.starts_with("wasi:") && !name.starts_with("wasi:sockets/");
    let is_supported = |name: &str| is_wasi(name) || INTERFACES.contains(&name);
    let unsupported: Vec<_> = types
        .imports(engine)
        .map(|(name, _)| name.to_owned())
        .filter(|name| !is_supported(name))
        .collect();
    ensure!(
        unsupported.is_empty(),
        "it imports {}, which edge-host does not offer; it offers WASI without sockets, {}",
        unsupported.join(", "),
        INTERFACES.join(" and ")
    );
    Ok(())
}

/// Whether this machine has enough address space for the pool, which reserves terabytes; some have only 39 bits.
fn has_address_space() -> bool {
    const BITS: u32 = 43;
    const PAGE_BITS: u32 = 16;
    let mut config = Config::new();
    config.wasm_memory64(true).memory_reservation(1 << BITS);
    let Ok(engine) = Engine::new(&config) else { return false };
    let memory = MemoryType::new64(0, Some(1 << (BITS - PAGE_BITS)));
    wasmtime::Memory::new(&mut Store::new(&engine, ()), memory).is_ok()
}
