//! Compares the component over a libsql server (`libsql_url`) with the component over a file: responses and journal are the same.

use std::path::Path;
use std::process::Command;

use acceptance::{Connection, Loupe, STONE, Sqld, concurrently, request, root, stones};
use serde_json::{Value as Json, json};

/// Starts the component on a host without SQLite: the repository's manifest without `sqlite_databases`.
fn start(server: &Sqld, folder: &Path) -> Loupe {
    let root = root().canonicalize().unwrap();
    let manifest = std::fs::read_to_string(root.join("spin.toml")).unwrap();
    let database = "sqlite_databases = [\"default\"]\n";
    let component = "source = \"target/";
    assert!(manifest.contains(database) && manifest.contains(component));
    let target = format!("source = \"{}/target/", root.display());
    let path = folder.join("spin.toml");
    let manifest = manifest.replace(database, "").replace(component, &target);
    std::fs::write(&path, manifest).unwrap();
    // The mounted directories must be next to the manifest.
    for mounted in ["models", "web-demo/dist"] {
        let place = folder.join(mounted);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        let copied = Command::new("cp").arg("-r").arg(root.join(mounted)).arg(&place).status();
        assert!(copied.unwrap().success());
    }
    let variable = format!("libsql_url={}", server.url());
    Loupe::start_empty(&["--manifest", path.to_str().unwrap(), "--variable", &variable])
}

/// The response without its request id.
fn answer(connection: &mut Connection, target: &str, body: Option<&str>) -> Json {
    let answer = match body {
        Some(body) => connection.post(target, body),
        None => connection.get(target),
    };
    assert_eq!(answer.header("x-loupe-journal"), None, "{target}");
    let mut json = answer.json();
    json.as_object_mut().unwrap().remove("request_id");
    json
}

/// Compares the prices and similar stones of hundreds of stones with those over a file.
fn check_answers(loupe: &Loupe) {
    let file = Loupe::start();
    let (mut theirs, mut ours) = (file.connect(), loupe.connect());
    let mut check = |target: &str, body: Option<&str>| {
        let both = [&mut ours, &mut theirs].map(|connection| answer(connection, target, body));
        assert_eq!(both[0], both[1], "{target} {body:?}");
    };
    for (at, stone) in stones().iter().enumerate().step_by(180) {
        check(&stone.similar_target(stone.carat, 1 + at % 100), None);
        let [cut, color, clarity] = &stone.grades;
        let body = json!({ "carat": stone.carat, "cut": cut, "color": color, "clarity": clarity });
        check("/v1/predict?explain=true", Some(&body.to_string()));
    }
    assert_eq!(file.rows("SELECT count(*) FROM requests"), [[json!(600)]]);
}

/// Checks that the server's journal has every body to the byte, and that the trigger counts every request.
fn check_journal(server: &Sqld, loupe: &Loupe) {
    let mut connection = loupe.connect();
    let cut = format!("{{\"pad\":\"{}\"}}", "é".repeat(40_000));
    for body in
        [STONE.as_bytes(), b"{\"cut\":\"\xff\xfe\"}", b"{\"a\0b\":\"\x01\"}", b"{}", cut.as_bytes()]
    {
        let answer = connection.send(request("POST /v1/predict?a='%22", "", body));
        assert_eq!(answer.header("x-loupe-journal"), None);
        let kept = server.rows(&format!(
            "SELECT hex(request_body), request_bytes, hex(response_body), status, query FROM requests WHERE id = '{}'",
            answer.id()
        ));
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
        let expected = json!([
            hex(&body[..body.len().min(65_536)]),
            body.len().to_string(),
            hex(&answer.body),
            answer.status.to_string(),
            "a='%22"
        ]);
        assert_eq!(json!(kept), json!([expected]));
    }
    let counted =
        server.rows("SELECT sum(requests), (SELECT count(*) FROM requests) FROM request_totals");
    assert_eq!(counted[0][0], counted[0][1], "the trigger counts every row once");
}

/// Checks that a model trained over the server is served within five seconds.
fn check_promotion(server: &Sqld, loupe: &Loupe) {
    let before = loupe.serving();
    let trained = server.trainer(&["train", "--families", "linear", "--folds", "2"]);
    let id = &trained["champion"]["id"];
    assert_ne!(before, *id);
    loupe.wait_until_served(id.as_str().unwrap());
    assert_eq!(loupe.connect().get("/v1/models").json()["champion"], *id);
}

/// Checks that concurrent requests all have a response and one journal row each. If the server is too slow for them (a busy
/// machine), the response says that its record is on standard error, and it must be there.
fn check_callers(server: &Sqld, loupe: &Loupe) {
    let answers = concurrently(16, |_| {
        let mut connection = loupe.connect();
        [(); 25].map(|()| connection.post("/v1/predict?explain=false", STONE))
    });
    let answers = answers.as_flattened();
    let (dead_letters, kept): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.header("x-loupe-journal").is_some());
    let sql = "SELECT id FROM requests WHERE query = 'explain=false' AND status = 200 ORDER BY id";
    let rows: Vec<String> =
        server.rows(sql).iter().map(|row| row[0].as_str().unwrap().to_owned()).collect();
    for answer in &kept {
        assert!(rows.iter().any(|id| id == answer.id()), "{} is not there", answer.id());
    }
    assert!(rows.is_sorted_by(|one, next| one < next), "twice in the journal: {rows:?}");
    assert!(!kept.is_empty(), "the server took none of {} records", answers.len());
    let ids: Vec<&str> = dead_letters.iter().map(|answer| answer.id()).collect();
    let said = loupe.dead_letters_of(&ids);
    for id in ids {
        let is_said = said.iter().any(|dead_letter| dead_letter["record"]["id"] == id);
        assert!(is_said, "{id} is nowhere");
    }
}

#[test]
fn the_component_serves_the_same_from_a_server_and_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let server = Sqld::seeded();
    let loupe = start(&server, folder.path());
    check_answers(&loupe);
    check_journal(&server, &loupe);
    check_callers(&server, &loupe);
    check_promotion(&server, &loupe);
    assert!(!loupe.database().exists(), "a database was made on a host that offers none");
}
