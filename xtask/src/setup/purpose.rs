//! The purposes that a machine can be set up for.

/// What the machine is set up for. Testing and measuring need all that serving needs, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To build and serve.
    Serve,
    /// To build, serve and test.
    Test,
    /// To build and measure.
    Bench,
}

impl Purpose {
    /// Whether something for one purpose is needed for this one.
    pub(super) fn includes(self, other: Purpose) -> bool {
        other == Purpose::Serve || other == self
    }
}
