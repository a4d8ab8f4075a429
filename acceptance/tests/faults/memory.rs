//! Sixteen bodies of 1 MiB at once.

use acceptance::{Loupe, concurrently};
use serde_json::json;

const MOST_BYTES: usize = 1 << 20;

/// The peak memory of a process, in bytes.
fn peak_bytes(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kibibytes: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kibibytes << 10
}

#[test]
fn sixteen_large_bodies_at_once_take_bounded_memory() {
    let loupe = Loupe::start();
    let stone = |cut: &str| json!({"carat": 0.7, "cut": cut, "color": "G", "clarity": "VS1"});
    let padded = |body: String| body.clone() + &" ".repeat(MOST_BYTES - body.len());
    let batch = |cut: &str| padded(json!({ "diamonds": vec![stone(cut); 1000] }).to_string());
    let bodies = [
        (200, batch("Ideal")),
        (200, batch(&"x".repeat(900))),
        (400, "[".repeat(MOST_BYTES)),
        (400, format!("\"{}", "\\u0000".repeat(MOST_BYTES / 6))),
    ];
    loupe.connect().get("/v1/models");
    let before = peak_bytes(loupe.process_id());
    for _ in 0..3 {
        concurrently(16, |caller| {
            let (status, body) = &bodies[caller % 4];
            let answer = loupe.connect().post("/v1/predict/batch", body);
            assert_eq!(answer.status, *status, "{:.300}", answer.json().to_string());
        });
    }
    let after = peak_bytes(loupe.process_id());
    println!("{} MiB before, {} MiB at most", before >> 20, after >> 20);
    assert!(after < before + (512 << 20), "{before} bytes became {after}");
}
