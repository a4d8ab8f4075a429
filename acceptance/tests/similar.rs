//! Compares the similar stones with a scan of the data set's file.

use acceptance::{Loupe, Stone, stones};
use fastrand::Rng;
use serde_json::json;

#[test]
fn two_thousand_random_queries_equal_a_scan_of_the_file() {
    let loupe = Loupe::start();
    let mut connection = loupe.connect();
    let stones = stones();
    assert_eq!(stones.len(), 53_940);
    let mut rng = Rng::with_seed(42);
    let mut twins = 0;
    for _ in 0..2_000 {
        // The kind of a real stone, and a carat near one or far from all.
        let kind = &stones[rng.usize(..stones.len())];
        let near = stones[rng.usize(..stones.len())].carat;
        let carat = [near, near + 0.005, 0.001, 9.75][rng.usize(..4)];
        let n = 1 + rng.usize(..100);
        let mut scan: Vec<_> = stones.iter().filter(|stone| stone.grades == kind.grades).collect();
        scan.sort_by(|one, other| {
            // Both have at most three digits after the point.
            let thousandths = |carat: f64| (1_000.0 * carat).round();
            let difference = |stone: &Stone| (thousandths(stone.carat) - thousandths(carat)).abs();
            difference(one).total_cmp(&difference(other)).then(one.id.cmp(&other.id))
        });
        let expected: Vec<i64> = scan.iter().take(n).map(|stone| stone.id).collect();

        let target = kind.similar_target(carat, n);
        let answer = connection.get(&target).json();
        let diamonds = answer["diamonds"].as_array().unwrap();
        let found: Vec<i64> = diamonds.iter().map(|stone| stone["id"].as_i64().unwrap()).collect();
        assert_eq!(found, expected, "{target}");
        assert_eq!(answer["requested"], json!(n));
        let (first, stone) = (&diamonds[0], scan[0]);
        let measures = ["depth", "table", "x", "y", "z"].map(|name| first[name].as_f64().unwrap());
        assert_eq!((first["price"].as_f64(), measures), (Some(stone.price), stone.measures));
        assert_eq!(first["price_list"].as_str(), stone.price_list());
        let others =
            stones.iter().filter(|other| other.id != stone.id && stone.is_same_stone(other));
        let others: Vec<_> = others
            .map(|other| json!([other.id, other.price_list(), other.grades[0], other.price]))
            .collect();
        let listed = first.get("also_listed").map_or(&[][..], |listed| listed.as_array().unwrap());
        let found: Vec<_> = listed
            .iter()
            .map(|listing| {
                json!([
                    listing["id"],
                    listing["price_list"],
                    listing["cut"],
                    listing["price"].as_f64()
                ])
            })
            .collect();
        assert_eq!(found, others, "{target}");
        assert_eq!(first.get("also_listed").is_some(), !others.is_empty(), "{target}");
        twins += usize::from(!others.is_empty());
    }
    assert!(twins > 300, "{twins} stones with other listings");
}
