//! A pseudo-random generator for tests: the same numbers in every run.

/// Knuth's MMIX generator, started with a seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A whole number below `bound`.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}
