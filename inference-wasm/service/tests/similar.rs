//! The similar stones are those of a scan of the whole table, in the same order.

mod support;

use inference::{Clarity, Color, Cut};
use serde_json::{Value, json};
use support::Service;

/// A reproducible stream of numbers.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn number_below(&mut self, bound: usize) -> f64 {
        self.below(bound) as f64
    }

    /// The f64 that is nearest to a decimal or, two times of three, one next to it, as programs compute them.
    fn near(&mut self, decimal: f64) -> f64 {
        [decimal, decimal.next_down(), decimal.next_up()][self.below(3)]
    }

    /// One of two cuts, two colors and two clarities.
    fn kind(&mut self) -> [&'static str; 3] {
        let (cut, color) = (Cut::ALL[self.below(2)], Color::ALL[self.below(2)]);
        [cut.as_str(), color.as_str(), Clarity::ALL[self.below(2)].as_str()]
    }
}

/// A table of few kinds and few carats, so that ties and empty sides abound. Weights have two digits after the point, some
/// have three.
async fn filled() -> Service {
    let service = Service::new().await;
    let ingestion = "INSERT INTO ingestions VALUES (1, 'test', 'test', 'now', 0, 0, 0, 0, NULL)";
    service.execute(ingestion, ()).await;
    let mut chance = Chance(7);
    let mut stone = |at: i32| {
        let [cut, color, clarity] = chance.kind();
        let carat = if chance.below(4) == 0 {
            (200.0 + chance.number_below(1_500)) / 1_000.0
        } else {
            (20.0 + chance.number_below(150)) / 100.0
        };
        let price = 300 + at;
        // Rows that begin with the same 16 bytes are listings of one stone; some have no height, so no stone is known.
        let (list, stone) = (["'A'", "'B'", "NULL"][chance.below(3)], chance.below(3_000));
        let (z, hash) = (if stone < 100 { 0.0 } else { 2.4 }, format!("{stone:032x}{at:032x}"));
        format!(
            "({carat},'{cut}','{color}','{clarity}',61.5,55,{price},4,4,{z},{list},1,x'{hash}',0)"
        )
    };
    let stones: Vec<String> = (0..4_000).map(&mut stone).collect();
    for some in stones.chunks(500) {
        let sql = format!(
            "INSERT INTO diamonds (carat, cut, color, clarity, depth, \"table\", price, x, y, z, price_list, batch_id, row_hash, copy) VALUES {}",
            some.join(",")
        );
        service.execute(&sql, ()).await;
    }
    service
}

#[tokio::test]
async fn two_thousand_random_queries_equal_a_scan_of_the_table() {
    let service = filled().await;
    let thousandths = "CAST(round(carat * 1000) AS INTEGER)";
    let sql = format!("SELECT id, {thousandths}, cut, color, clarity FROM diamonds");
    let stones = service.rows(&sql).await;
    let mut chance = Chance(42);
    for _ in 0..2_000 {
        let kind = chance.kind();
        let thousandths = 1 + chance.below(2_500);
        let carat = chance.near(format!("{thousandths}e-3").parse().unwrap());
        let n = 1 + chance.below(100);

        let number = |value: &Value| value.as_i64().unwrap();
        let difference = |weight: &Value| {
            i32::try_from(number(weight) - i64::try_from(thousandths).unwrap()).unwrap()
        };
        let mut scan: Vec<(i32, i64)> = stones
            .iter()
            .filter(|stone| [&stone[2], &stone[3], &stone[4]] == kind)
            .map(|stone| (difference(&stone[1]), number(&stone[0])))
            .collect();
        scan.sort_by_key(|(difference, id)| (difference.abs(), *id));
        let expected: Vec<(f64, i64)> = scan
            .iter()
            .take(n)
            .map(|(difference, id)| (f64::from(*difference) / 1_000.0, *id))
            .collect();

        let [cut, color, clarity] = kind;
        let cut = cut.replace(' ', "+");
        let target =
            format!("/v1/similar?carat={carat}&cut={cut}&color={color}&clarity={clarity}&n={n}");
        let answer = service.get(&target).await.json();
        let diamonds = answer["diamonds"].as_array().unwrap();
        let found: Vec<(f64, i64)> = diamonds
            .iter()
            .map(|stone| (stone["carat_difference"].as_f64().unwrap(), number(&stone["id"])))
            .collect();
        assert_eq!(found, expected, "{target}");
        assert_eq!((&answer["requested"], &answer["found"]), (&json!(n), &json!(found.len())));
    }
}

#[tokio::test]
async fn a_sample_is_told_whole() {
    let service = filled().await;
    let first = &service.rows("SELECT id, carat, price FROM diamonds WHERE cut = 'Fair' AND color = 'D' AND clarity = 'I1' ORDER BY carat, id LIMIT 1").await[0];
    let target = "/v1/similar?carat=0.1&cut=fair&color=d&clarity=i1&n=1&price_list=C";
    let answer = service.get(target).await.json();
    let stone = &answer["diamonds"][0];
    let carat_difference = first[1].as_f64().unwrap() - 0.1;
    assert_eq!([&stone["id"], &stone["carat"]], [&first[0], &first[1]]);
    assert_eq!(stone["price"].as_f64(), first[2].as_f64());
    assert!((stone["carat_difference"].as_f64().unwrap() - carat_difference).abs() < 1e-9);
    let found = json!([stone["cut"], stone["depth"], stone["table"], stone["y"]]);
    assert_eq!(found, json!(["Fair", 61.5, 55, 4]));
}

#[tokio::test]
async fn a_sample_has_the_other_listings_of_its_stone() {
    let service = filled().await;
    let sql = "SELECT id, hex(substr(row_hash, 1, 16)), price_list, cut, price FROM diamonds WHERE z > 0 ORDER BY id";
    let rows = service.rows(sql).await;
    let mut listed = 0;
    for cut in ["Fair", "Good"] {
        let target = format!("/v1/similar?carat=1&cut={cut}&color=d&clarity=i1&n=100");
        let answer = service.get(&target).await.json();
        for sample in answer["diamonds"].as_array().unwrap() {
            let row = rows.iter().find(|row| row[0] == sample["id"]);
            let others = rows
                .iter()
                .filter(|other| row.is_some_and(|row| row[1] == other[1] && row[0] != other[0]));
            let expected: Vec<Value> = others
                .map(|row| json!({"id": row[0], "price_list": row[2], "cut": row[3], "price": row[4].as_f64().map(whole)}))
                .collect();
            let found = sample.get("also_listed").cloned();
            assert_eq!(found, (!expected.is_empty()).then(|| json!(expected)), "{sample}");
            if let Some(row) = row {
                assert_eq!(sample.get("price_list").unwrap_or(&Value::Null), &row[2]);
            }
            listed += expected.len();
        }
    }
    assert!(listed > 50, "{listed}");
}

/// A price without a fraction, as it is written.
#[expect(clippy::cast_possible_truncation, reason = "a small number")]
fn whole(price: f64) -> i64 {
    price as i64
}
