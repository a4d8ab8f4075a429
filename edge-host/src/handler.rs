//! Instances of a component and how long they live: reused, several requests at once, as Spin reuses them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;
use wasmtime::component::{GuestTaskId, InstancePre};
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ProxyHandler, ShouldAccept, WorkerExpiration, WorkerState,
    WorkerStatus,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::admission::{Admission, Presence, Ticket};
use crate::host::{Grants, Host};
use crate::shutdown::{Shutdown, Watch};

/// Requests that one instance answers before it is replaced.
const REQUESTS_PER_INSTANCE: usize = 128;

/// Requests that one instance has in hand at once.
const REQUESTS_AT_ONCE: usize = 16;

/// How long an instance without work is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// Dispatches requests to the instances of one component.
pub(crate) type Handler = ProxyHandler<Instances>;

/// Makes instances.
pub(crate) struct Instances {
    component_id: String,
    component: ServicePre<Host>,
    grants: Grants,
    shutdown: Shutdown,
    admission: Admission,
}

/// A handler without instances yet; they are made as requests come.
pub(crate) fn handler(
    component_id: String,
    component: InstancePre<Host>,
    grants: Grants,
    shutdown: Shutdown,
) -> wasmtime::Result<Handler> {
    let component = ServicePre::new(component)?;
    // An instance runs in one thread.
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let admission = Admission::new(at_once);
    Ok(ProxyHandler::new(Instances { component_id, component, grants, shutdown, admission }))
}

impl Instances {
    /// What a request needs to be handled; it is waited for here, not in the instances' queue.
    pub(crate) async fn ticket(&self) -> Ticket {
        self.admission.ticket().await
    }
}

impl HandlerState for Instances {
    type StoreData = Host;
    type WorkerExpiration = Expiration;
    type WorkerState = Life;

    async fn instantiate(&self) -> wasmtime::Result<Instance<Host, Expiration, Life>> {
        let presence = Arc::new(self.admission.presence());
        let mut store = Store::new(self.component.engine(), Host::new(&self.grants)?);
        let watch = self.shutdown.watch();
        let service = self.component.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: Host::http,
            expiration: Expiration {
                sleep: Box::pin(tokio::time::sleep(IDLE_TIMEOUT)),
                stopping: watch.stopping(),
                is_stopping: false,
                presence: Arc::clone(&presence),
            },
            state: Life { component_id: self.component_id.clone(), _watch: watch, presence },
        })
    }
}

/// Ends an instance that has been idle for [`IDLE_TIMEOUT`], or at once when the server stops. Like Spin, requests
/// have no timeout.
pub(crate) struct Expiration {
    sleep: Pin<Box<Sleep>>,
    stopping: Pin<Box<dyn Future<Output = ()> + Send + Sync>>,
    is_stopping: bool,
    presence: Arc<Presence>,
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        self.presence.waits(context.waker());
        if status != WorkerStatus::Idle {
            return Poll::Pending;
        }
        if !self.is_stopping {
            self.is_stopping = self.stopping.as_mut().poll(context).is_ready();
        }
        if self.is_stopping {
            return Poll::Ready(());
        }
        let deadline = (start + IDLE_TIMEOUT).into();
        if self.sleep.deadline() != deadline {
            self.sleep.as_mut().reset(deadline);
        }
        self.sleep.as_mut().poll(context)
    }
}

/// Counts an instance's requests, and says on standard error how it died if it did not end by itself.
pub(crate) struct Life {
    component_id: String,
    _watch: Watch,
    presence: Arc<Presence>,
}

impl WorkerState for Life {
    type StoreData = Host;
    type RequestData = Ticket;

    fn should_accept_request(&self, at_once: usize, so_far: usize) -> ShouldAccept {
        let answer = if so_far >= REQUESTS_PER_INSTANCE {
            ShouldAccept::Never
        } else if at_once >= REQUESTS_AT_ONCE {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        };
        self.presence.is_asked(at_once, matches!(answer, ShouldAccept::Yes));
        answer
    }

    fn on_request_start(
        &self,
        _store: StoreContextMut<'_, Host>,
        ticket: Ticket,
        _task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        self.presence.takes(ticket);
        Box::pin(std::future::pending())
    }

    fn drop(&self, store: Store<Host>, result: Result<(), wasmtime::Error>) {
        if let Err(error) = result {
            eprintln!("component {}: the instance is dropped: {error:?}", self.component_id);
        }
        drop(store);
    }
}
