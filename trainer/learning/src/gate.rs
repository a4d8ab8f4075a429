//! Compares a challenger with the champion: a paired bootstrap over all rows and over slices of them.

mod comparison;

mod bootstrap;

mod slices;

pub use self::bootstrap::Bootstrap;
pub use self::comparison::{Comparison, Incomparable, Objection};
pub use self::slices::Slice;
