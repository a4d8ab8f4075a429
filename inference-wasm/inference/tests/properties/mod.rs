//! What the tests share: models, stones, and checks that hold for any of them. The fuzz targets use them too.

#![allow(dead_code, reason = "each test uses some of it")]

pub(crate) mod bytes;
pub(crate) mod cases;
pub(crate) mod image;
pub(crate) mod memory;
pub(crate) mod model;
pub(crate) mod random;
pub(crate) mod samples;
pub(crate) mod sealed;
pub(crate) mod seeds;
pub(crate) mod stones;
