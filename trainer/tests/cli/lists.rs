//! Tests price lists and what prices are in: `ingest`, `watch`, `train` and what is kept of them.

use serde_json::{Value, json};

use crate::desk::{AS_PUBLISHED, Desk, HEADER, diamonds, fields};

/// A stone that is listed twice, one without a difference of diameters and one without measures.
const ROWS: [&str; 4] = [
    "0.7,Ideal,G,VS1,61.5,55,500,5.6,5.7,3.5",
    "0.7,Premium,G,VS1,61.5,55,640,5.7,5.6,3.5",
    "0.7,Ideal,G,VS1,61.5,55,900,5.7,5.7,3.5",
    "0.7,Ideal,G,VS1,61.5,55,900,0,0,0",
];

fn file(desk: &Desk, name: &str, rows: &[&str]) {
    desk.file(name, format!("{HEADER}\n{}\n", rows.join("\n")));
}

/// The price list of each row, in the order of their ids; empty for none.
fn lists(desk: &Desk) -> Vec<String> {
    desk.texts("SELECT coalesce(price_list, '') FROM diamonds ORDER BY id")
}

#[test]
fn rows_without_a_list_get_that_of_the_file_or_of_their_orientation() {
    let check = |options: &str, expected: [&str; 4], known: u64| {
        let desk = Desk::new();
        file(&desk, "rows.csv", &ROWS);
        let report = desk.json(format!("ingest rows.csv {options}"));
        assert_eq!(fields(&report, "added known_under_another_list"), json!([4, known]));
        assert_eq!(lists(&desk), expected, "{options}");
        let again = desk.json(format!("ingest rows.csv {options}"));
        let counts = fields(&again, "added already_present known_under_another_list");
        assert_eq!(counts, json!([0, 4, 0]));
        assert_eq!(again["dataset"], report["dataset"]);
    };
    check("", [""; 4], 0);
    check("--price-list 'Smith Bros.'", ["Smith Bros."; 4], 0);
    check("--price-list-by orientation", ["A", "B", "", ""], 1);
    let desk = Desk::new();
    file(&desk, "rows.csv", &ROWS);
    desk.run("ingest rows.csv --price-list a/b").refused(2, "letters, digits");
    desk.run("ingest rows.csv --price-list A --price-list-by orientation").failed(2);
    desk.run("ingest rows.csv --prices-in dollars").refused(2, "USD 2008");
}

#[test]
fn a_list_that_a_row_states_is_kept_and_a_bad_name_rejects_its_row() {
    let desk = Desk::new();
    let stated = ["Jones", "", " jones ", "a/b"];
    let rows = ROWS.iter().zip(stated).map(|(row, list)| format!("{row},{list}\n"));
    desk.file("rows.csv", format!("{HEADER},Price_List\n{}", rows.collect::<String>()));
    let report = desk.json("ingest rows.csv --price-list Smith");
    assert_eq!(fields(&report, "added rejected"), json!([3, 1]));
    let rejection = fields(&report["rejections"][0], "line field value");
    assert_eq!(rejection, json!([5, "price_list", "a/b"]));
    assert_eq!(lists(&desk), ["Jones", "Smith", "jones"]);
}

#[test]
fn the_same_rows_in_another_list_are_listings_of_known_stones() {
    let desk = Desk::new();
    file(&desk, "rows.csv", &ROWS);
    desk.run("ingest rows.csv --price-list Smith").ok();
    let jones = desk.run("ingest rows.csv --price-list Jones");
    jones.prints("4 added rows are stones already known under another price list");
    // Each of the four is listed by Smith and by Jones; the table holds the first hash of each stone twice or more.
    let stones = "SELECT hex(substr(row_hash, 1, 16)) FROM diamonds GROUP BY 1";
    assert_eq!(desk.texts(stones).len(), 3);
    // A row says by x and y what the list of its orientation says.
    let desk = Desk::new();
    file(&desk, "rows.csv", &ROWS);
    desk.run("ingest rows.csv").ok();
    assert_eq!(desk.json("ingest rows.csv --price-list-by orientation")["added"], 0);
    assert_eq!(lists(&desk), [""; 4]);
}

#[test]
fn a_database_has_one_currency_and_one_year() {
    let desk = Desk::new();
    file(&desk, "rows.csv", &ROWS[..2]);
    file(&desk, "more.csv", &ROWS);
    desk.run("ingest rows.csv").ok();
    desk.run("ingest rows.csv --prices-in 'usd 2008'").ok();
    let message = desk.run("ingest more.csv --prices-in 'EUR 2024'").refused(3, "more.csv: ");
    assert!(message.contains("in EUR 2024,") && message.contains("in USD 2008;"), "{message}");
    assert_eq!(lists(&desk).len(), 2);
    std::fs::create_dir(desk.path("inbox")).unwrap();
    desk.file("inbox/more.csv", desk.read("more.csv"));
    desk.run("watch inbox --once --settle 0s --prices-in 'EUR 2024'").refused(3, "in USD 2008;");
    assert!(desk.path("inbox/more.csv").exists());
    desk.run("ingest more.csv").ok();
    assert_eq!(lists(&desk).len(), 4);
}

#[test]
fn a_run_has_the_lists_and_the_currency_of_its_rows() {
    let train = |desk: &Desk, options: &str| {
        desk.json(format!("train --families linear --folds 2 {options}"))["dataset"].clone()
    };
    let desk = Desk::with_diamonds(60);
    let of_table = train(&desk, "");
    assert_eq!(of_table["prices_in"], "USD 2008");
    let [a, b] = &of_table["price_lists"].as_array().unwrap()[..] else { panic!("{of_table:#}") };
    let rows = |list: &Value| list["rows"].as_u64().unwrap();
    assert!(rows(a) >= rows(b) && rows(a) + rows(b) <= 899, "{of_table:#}");
    let of_file = train(&desk, &format!("--data diamonds.csv {AS_PUBLISHED}"));
    let same = "rows sha256 prices_in price_lists";
    assert_eq!(fields(&of_file, same), fields(&of_table, same));
    assert_ne!(train(&desk, "--data diamonds.csv")["sha256"], of_table["sha256"]);
    let named = train(&desk, "--data diamonds.csv --price-list Smith");
    assert_eq!(
        fields(&named, "prices_in price_lists"),
        json!([null, [{ "name": "Smith", "rows": 899 }]])
    );
    let kept = desk.json("data list")["datasets"].clone();
    let kept = kept.as_array().unwrap().iter().find(|it| it["sha256"] == of_table["sha256"]);
    assert_eq!(kept.unwrap()["prices_in"], "USD 2008");
    desk.run("train --prices-in 'USD 2008'").refused(2, "--data");
}

#[test]
fn a_watched_folder_takes_rows_in_their_lists() {
    let desk = Desk::with_diamonds(40);
    std::fs::create_dir(desk.path("inbox")).unwrap();
    let watch = "watch inbox --once --settle 0s --families linear --folds 2";
    desk.file("inbox/rows.csv", diamonds(41));
    let round = desk.json(format!("{watch} {AS_PUBLISHED}"));
    assert_eq!(round["files"][0]["verdict"], "accepted", "{round:#}");
    let unlisted = desk.texts("SELECT 'row' FROM diamonds WHERE price_list IS NULL AND x <> y");
    assert_eq!(unlisted, Vec::<String>::new());
}

#[test]
fn samples_have_the_lists() {
    let desk = Desk::with_diamonds(60);
    let document = desk.json("data samples -o samples.loupe");
    assert_eq!(fields(&document, "samples price_lists"), json!([899, ["A", "B"]]));
}
