//! The host's state of one instance, and the linker with the interfaces that use it.

use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::component::{Accessor, HasSelf, Linker, ResourceTable};
use wasmtime::{Engine, Result};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView, p2, p3};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::bindings::{sqlite, variables};
use crate::outbound::Outbound;
use crate::sqlite::{Pool, Sqlite};
use crate::variables::Variables;

/// The permissions and settings of every instance.
pub(crate) struct Grants {
    pub(crate) variables: Arc<Variables>,
    /// The directory that becomes the guest's `/`, read-only.
    pub(crate) files: Option<PathBuf>,
    /// The database `default`, if the manifest grants it.
    pub(crate) database: Option<Pool>,
    pub(crate) outbound: Outbound,
}

/// The data in the store of one instance.
pub(crate) struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    variables: Arc<Variables>,
    sqlite: Sqlite,
}

impl Host {
    /// The state of a new instance.
    pub(crate) fn new(grants: &Grants) -> Result<Self> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.inherit_stdout().inherit_stderr();
        if let Some(files) = &grants.files {
            wasi.preopened_dir(files, "/", FsPerms::ReadOnly)?;
        }
        Ok(Self {
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            outbound: grants.outbound.clone(),
            variables: Arc::clone(&grants.variables),
            sqlite: Sqlite::new(grants.database.clone()),
        })
    }
}

/// A linker with WASI 0.2 and 0.3, `wasi:http` 0.3, variables and SQLite.
pub(crate) fn linker(engine: &Engine) -> Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    add_wasi(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    variables::add_to_linker::<Host, HasSelf<_>>(&mut linker, |host| &mut host.variables)?;
    sqlite::add_to_linker::<Host, HasSelf<_>>(&mut linker, |host| &mut host.sqlite)?;
    Ok(linker)
}

/// Adds WASI without sockets and without the files of 0.3: each function is compiled for this `Host`, and those that no
/// component here imports would take as long as the others.
fn add_wasi(linker: &mut Linker<Host>) -> Result<()> {
    use p2::bindings::{cli, filesystem, random};
    p2::add_to_linker_proxy_interfaces_async(linker)?;
    filesystem::types::add_to_linker::<Host, WasiFilesystem>(linker, Host::filesystem)?;
    filesystem::preopens::add_to_linker::<Host, WasiFilesystem>(linker, Host::filesystem)?;
    random::insecure::add_to_linker::<Host, WasiRandom>(linker, Host::random)?;
    random::insecure_seed::add_to_linker::<Host, WasiRandom>(linker, Host::random)?;
    cli::exit::add_to_linker::<Host, WasiCli>(linker, Host::cli)?;
    cli::environment::add_to_linker::<Host, WasiCli>(linker, Host::cli)?;
    cli::terminal_input::add_to_linker::<Host, WasiCli>(linker, Host::cli)?;
    cli::terminal_output::add_to_linker::<Host, WasiCli>(linker, Host::cli)?;
    cli::terminal_stdin::add_to_linker::<Host, WasiCli>(linker, Host::cli)?;
    cli::terminal_stdout::add_to_linker::<Host, WasiCli>(linker, Host::cli)?;
    cli::terminal_stderr::add_to_linker::<Host, WasiCli>(linker, Host::cli)?;
    p3::cli::add_to_linker(linker)?;
    p3::clocks::add_to_linker(linker)?;
    p3::random::add_to_linker(linker)
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}

impl variables::Host for Arc<Variables> {}

impl<T: Send> variables::HostWithStore<T> for HasSelf<Arc<Variables>> {
    async fn get(
        accessor: &Accessor<T, Self>,
        name: String,
    ) -> Result<Result<String, variables::Error>> {
        let variables = accessor.with(|mut access| Arc::clone(access.get()));
        Ok(variables.get(&name).map(str::to_owned))
    }
}
