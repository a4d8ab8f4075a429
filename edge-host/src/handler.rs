//! Starts, reuses and stops the instances of the component as Spin does: many requests each, several at once.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tokio_util::task::task_tracker::TaskTrackerToken;
use wasmtime::component::{GuestTaskId, InstancePre};
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ProxyHandler, ShouldAccept, WorkerExpiration, WorkerState,
    WorkerStatus,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::admission::{Admission, InstanceSlot, Permit};
use crate::host::{Grants, Host};
use crate::shutdown::Shutdown;

/// Requests that one instance handles before it is replaced.
const REQUESTS_PER_INSTANCE: usize = 128;

/// Requests that one instance handles at once.
const CONCURRENT_REQUESTS: usize = 16;

/// How long an idle instance is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// Dispatches requests to the instances of the component.
pub(crate) type Handler = ProxyHandler<Instances>;

/// Creates instances.
pub(crate) struct Instances {
    component_id: String,
    component: ServicePre<Host>,
    grants: Grants,
    shutdown: Shutdown,
    admission: Admission,
}

/// A handler without instances; they are created for requests.
pub(crate) fn handler(
    component_id: String,
    component: InstancePre<Host>,
    grants: Grants,
    shutdown: Shutdown,
) -> wasmtime::Result<Handler> {
    let component = ServicePre::new(component)?;
    // An instance runs on one thread.
    let max_running = std::thread::available_parallelism().map_or(1, usize::from);
    let admission = Admission::new(max_running);
    Ok(ProxyHandler::new(Instances { component_id, component, grants, shutdown, admission }))
}

impl Instances {
    /// Waits for the permit that a request needs. The wait happens here, not in the queue of wasmtime.
    pub(crate) async fn admit(&self) -> Permit {
        self.admission.acquire().await
    }
}

impl HandlerState for Instances {
    type StoreData = Host;
    type WorkerExpiration = Expiration;
    type WorkerState = InstanceWorker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<Host, Expiration, InstanceWorker>> {
        let slot = Arc::new(self.admission.add_instance());
        let mut store = Store::new(self.component.engine(), Host::new(&self.grants)?);
        let (stopping, owner) = self.shutdown.watch();
        let service = self.component.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: Host::http,
            expiration: Expiration {
                sleep: Box::pin(tokio::time::sleep(IDLE_TIMEOUT)),
                stopping: Box::pin(stopping.cancelled_owned()),
                slot: Arc::clone(&slot),
            },
            state: InstanceWorker { component_id: self.component_id.clone(), _owner: owner, slot },
        })
    }
}

/// Stops an instance that has been idle for [`IDLE_TIMEOUT`], or any idle one when the server stops. As in Spin, requests
/// have no timeout.
pub(crate) struct Expiration {
    sleep: Pin<Box<Sleep>>,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    slot: Arc<InstanceSlot>,
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        self.slot.set_waiting(context.waker());
        if status != WorkerStatus::Idle {
            return Poll::Pending;
        }
        if self.stopping.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let deadline = (start + IDLE_TIMEOUT).into();
        if self.sleep.deadline() != deadline {
            self.sleep.as_mut().reset(deadline);
        }
        self.sleep.as_mut().poll(context)
    }
}

/// Limits the requests of an instance, and logs the error that ended it, if there is one.
pub(crate) struct InstanceWorker {
    component_id: String,
    _owner: TaskTrackerToken,
    slot: Arc<InstanceSlot>,
}

impl WorkerState for InstanceWorker {
    type StoreData = Host;
    type RequestData = Permit;

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        let accept = match (concurrent, total) {
            (_, REQUESTS_PER_INSTANCE..) => ShouldAccept::Never,
            (CONCURRENT_REQUESTS.., _) => ShouldAccept::No,
            _ => ShouldAccept::Yes,
        };
        self.slot.update(concurrent, matches!(accept, ShouldAccept::Yes));
        accept
    }

    fn on_request_start(
        &self,
        _store: StoreContextMut<'_, Host>,
        permit: Permit,
        _task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        self.slot.accept(permit);
        Box::pin(std::future::pending())
    }

    fn drop(&self, store: Store<Host>, result: Result<(), wasmtime::Error>) {
        if let Err(error) = result {
            eprintln!("component {}: the instance is dropped: {error:?}", self.component_id);
        }
        drop(store);
    }
}
