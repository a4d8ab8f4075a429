//! Walks through trees that ours is measured against.

pub(crate) mod pointer;
pub(crate) mod sketch;

#[cfg(test)]
mod tests;
