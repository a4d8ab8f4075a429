//! What `bench/browser/main.js` measured, round by round.

use serde::Deserialize;

use crate::rounds::{median, ratio};
use crate::similar::percentile;

#[derive(Debug, Deserialize)]
pub(super) struct Measured {
    /// Its version.
    pub(super) chromium: String,
    pub(super) stones: u32,
    /// By how much prices differ at most, as a share.
    pub(super) difference: f64,
    speeds: Vec<Speed>,
    pub(super) starts: Vec<Start>,
    pub(super) first_price: FirstPrice,
    pub(super) sliders: Vec<Slider>,
}

/// Who prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Entry {
    Price,
    Predict,
    /// `predict` by the released model, with a range and warnings.
    Released,
    Onnx,
    PredictBatch,
    Worker,
    OnnxBatch,
}

#[derive(Debug, Deserialize)]
struct Speed {
    name: Entry,
    turns: Vec<Turn>,
}

#[derive(Debug, Deserialize)]
struct Turn {
    /// How often all stones were priced.
    runs: u32,
    clock_ms: f64,
    /// How long the page's own thread computed.
    thread_ms: f64,
}

/// One runtime, from nothing to its first price.
#[derive(Debug, Deserialize)]
pub(super) struct Start {
    pub(super) name: String,
    pub(super) bytes: Bytes,
    ms: Vec<f64>,
}

/// After gzip -9.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Bytes {
    pub(super) scripts: usize,
    pub(super) wasm: usize,
    pub(super) model: usize,
}

/// Visits until the price was painted, by browsers that knew nothing and by such as had been here.
#[derive(Debug, Deserialize)]
pub(super) struct FirstPrice {
    pub(super) cold: Timings,
    pub(super) warm: Timings,
}

/// Steps of one page's slider, each from the key's event until the frame after it was painted.
#[derive(Debug, Deserialize)]
pub(super) struct Slider {
    pub(super) page: String,
    pub(super) steps: Timings,
}

/// The same done many times.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Timings(Vec<Timing>);

#[derive(Debug, Deserialize)]
struct Timing {
    ms: f64,
    /// How long the page's own thread computed for it, and for what measures it.
    thread_ms: f64,
    /// Of a step: whether the frame did not show it yet.
    late: Option<bool>,
}

impl Entry {
    pub(super) const ALL: [Entry; 7] = [
        Entry::Price,
        Entry::Predict,
        Entry::Released,
        Entry::Onnx,
        Entry::PredictBatch,
        Entry::Worker,
        Entry::OnnxBatch,
    ];

    /// For people and programs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Entry::Price => "loupe.price, one by one",
            Entry::Predict => "loupe.predict, one by one",
            Entry::Released => "loupe.predict, released model, one by one",
            Entry::Onnx => "onnxruntime-web, batches of 1",
            Entry::PredictBatch => "loupe.predictBatch",
            Entry::Worker => "predictBatch in loupe-diamonds/worker, by the clock",
            Entry::OnnxBatch => "onnxruntime-web, one batch",
        }
    }

    /// Who does the same with the other runtime.
    pub(super) fn peer(self) -> Option<Entry> {
        match self {
            Entry::Price | Entry::Predict | Entry::Released => Some(Entry::Onnx),
            Entry::PredictBatch | Entry::Worker => Some(Entry::OnnxBatch),
            Entry::Onnx | Entry::OnnxBatch => None,
        }
    }

    /// Whether all its work is the page's own thread's.
    fn is_in_page(self) -> bool {
        self != Entry::Worker
    }
}

impl Measured {
    pub(super) fn rounds(&self) -> usize {
        self.speeds.first().map_or(0, |speed| speed.turns.len())
    }

    /// Stones a second: of the page's own thread, or by the clock for who works elsewhere.
    pub(super) fn per_second(&self, entry: Entry) -> f64 {
        median(self.rates(entry, entry.is_in_page()))
    }

    /// How many times as many as with the other runtime, in the same rounds and by the same kind of time.
    pub(super) fn times_peer(&self, entry: Entry) -> Option<f64> {
        let rates = |of| self.rates(of, entry.is_in_page());
        entry.peer().map(|peer| ratio(&rates(entry), &rates(peer)))
    }

    fn rates(&self, entry: Entry, of_thread: bool) -> Vec<f64> {
        let turns = self.speeds.iter().filter(|speed| speed.name == entry);
        let ms = |turn: &Turn| if of_thread { turn.thread_ms } else { turn.clock_ms };
        let rate = |turn: &Turn| 1e3 * f64::from(turn.runs) * f64::from(self.stones) / ms(turn);
        turns.flat_map(|speed| &speed.turns).map(rate).collect()
    }
}

impl Start {
    pub(super) fn ms(&self) -> f64 {
        median(self.ms.iter().copied())
    }
}

impl Bytes {
    pub(super) fn sum(self) -> usize {
        self.scripts + self.wasm + self.model
    }
}

impl Timings {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The milliseconds below which so many in a hundred lie.
    pub(super) fn ms(&self, hundredths: usize) -> f64 {
        self.percentile(hundredths, |timing| timing.ms)
    }

    /// Likewise, of the page's own thread.
    pub(super) fn thread_ms(&self, hundredths: usize) -> f64 {
        self.percentile(hundredths, |timing| timing.thread_ms)
    }

    /// Steps that the next frame did not show; none where there were no steps.
    pub(super) fn late(&self) -> Option<usize> {
        self.0.iter().map(|timing| timing.late.map(usize::from)).sum()
    }

    fn percentile(&self, hundredths: usize, of: fn(&Timing) -> f64) -> f64 {
        percentile(&self.0.iter().map(of).collect::<Vec<_>>(), hundredths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_is_compared_by_the_clock_and_who_is_in_the_page_by_its_thread() {
        let turn = |runs, clock_ms, thread_ms| Turn { runs, clock_ms, thread_ms };
        let speed = |name, turn| Speed { name, turns: vec![turn] };
        let measured = Measured {
            chromium: String::new(),
            stones: 1_000,
            difference: 0.0,
            speeds: vec![
                speed(Entry::PredictBatch, turn(4, 100.0, 50.0)),
                speed(Entry::Worker, turn(2, 100.0, 1.0)),
                speed(Entry::OnnxBatch, turn(2, 50.0, 50.0)),
            ],
            starts: Vec::new(),
            first_price: FirstPrice { cold: Timings(Vec::new()), warm: Timings(Vec::new()) },
            sliders: Vec::new(),
        };
        for (entry, per_second, times) in [
            (Entry::PredictBatch, 80_000.0, Some(2.0)),
            (Entry::Worker, 20_000.0, Some(0.5)),
            (Entry::OnnxBatch, 40_000.0, None),
        ] {
            assert!((measured.per_second(entry) - per_second).abs() < 1e-6, "{entry:?}");
            assert_eq!(measured.times_peer(entry), times, "{entry:?}");
        }
    }
}
