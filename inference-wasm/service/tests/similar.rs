//! The similar stones are those of a scan of the whole table, in the same order.

mod support;

use inference::{Clarity, Color, Cut};
use serde_json::json;
use support::{Memory, TestHost, app, get, json, rows};

/// A reproducible stream of numbers.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

fn insert(rows: &[String]) -> String {
    format!(
        "INSERT INTO diamonds (carat, cut, color, clarity, depth, \"table\", price, x, y, z, batch_id, row_sha256, copy) VALUES {}",
        rows.join(",")
    )
}

/// A table of few kinds and few carats, so that ties and empty sides abound.
async fn filled() -> Memory {
    let memory = Memory::new().await;
    let ingestion = "INSERT INTO ingestions VALUES (1, 'test', 'test', 'now', 0, 0, 0, 0)";
    memory.connection.execute(ingestion, ()).await.unwrap();
    let mut chance = Chance(7);
    let stones: Vec<String> = (0..4_000)
        .map(|at| {
            let [cut, color] =
                [Cut::ALL[chance.below(2)].as_str(), Color::ALL[chance.below(2)].as_str()];
            let clarity = Clarity::ALL[chance.below(2)].as_str();
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let carat = (20 + chance.below(150)) as f64 / 100.0;
            format!(
                "({carat},'{cut}','{color}','{clarity}',61.5,55,{},4,4,2.4,1,'{at}',0)",
                300 + at
            )
        })
        .collect();
    for some in stones.chunks(500) {
        memory.connection.execute(&insert(some), ()).await.unwrap();
    }
    memory
}

#[tokio::test]
async fn two_thousand_random_queries_equal_a_scan_of_the_table() {
    let (memory, host) = (filled().await, TestHost::default());
    let app = app(&memory, &host);
    let stones = rows(&memory, "SELECT id, carat, cut, color, clarity FROM diamonds").await;
    let mut chance = Chance(42);
    for _ in 0..2_000 {
        let cut = Cut::ALL[chance.below(2)].as_str();
        let color = Color::ALL[chance.below(2)].as_str();
        let clarity = Clarity::ALL[chance.below(2)].as_str();
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let carat = chance.below(2_500) as f64 / 1_000.0 + 0.001;
        let n = 1 + chance.below(100);

        let mut scan: Vec<(f64, i64)> = stones
            .iter()
            .filter(|stone| [&stone[2], &stone[3], &stone[4]] == [cut, color, clarity])
            .map(|stone| ((stone[1].as_f64().unwrap() - carat).abs(), stone[0].as_i64().unwrap()))
            .collect();
        scan.sort_by(|one, other| one.partial_cmp(other).unwrap());
        let expected: Vec<i64> = scan.into_iter().take(n).map(|(_, id)| id).collect();

        let target = format!(
            "/v1/similar?carat={carat}&cut={}&color={color}&clarity={clarity}&n={n}",
            cut.replace(' ', "+")
        );
        let answer = json(&app.handle(get(&target)).await);
        let found: Vec<i64> = answer["diamonds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|stone| stone["id"].as_i64().unwrap())
            .collect();
        assert_eq!(found, expected, "{target}");
        assert_eq!((&answer["requested"], &answer["found"]), (&json!(n), &json!(found.len())));
    }
}

#[tokio::test]
async fn a_sample_is_told_whole() {
    let (memory, host) = (filled().await, TestHost::default());
    let app = app(&memory, &host);
    let first = &rows(&memory, "SELECT id, carat, price FROM diamonds WHERE cut = 'Fair' AND color = 'D' AND clarity = 'I1' ORDER BY carat, id LIMIT 1").await[0];
    let answer =
        json(&app.handle(get("/v1/similar?carat=0.1&cut=fair&color=d&clarity=i1&n=1")).await);
    let stone = &answer["diamonds"][0];
    let carat_difference = (first[1].as_f64().unwrap() * 100.0).round() / 100.0 - 0.1;
    assert_eq!([&stone["id"], &stone["carat"]], [&first[0], &first[1]]);
    assert_eq!(stone["price"].as_f64(), first[2].as_f64());
    assert!((stone["carat_difference"].as_f64().unwrap() - carat_difference).abs() < 1e-9);
    assert_eq!(
        [&stone["cut"], &stone["depth"], &stone["table"], &stone["z"]],
        [&json!("Fair"), &json!(61.5), &json!(55), &json!(2.4)]
    );
}
