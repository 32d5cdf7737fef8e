//! What is handed out over a real socket, and what is not.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::web::testing::Answering;

/// A folder with the records of two scenarios and some other things, answered for.
fn shown(name: &str) -> (PathBuf, Answering) {
    let place = std::env::temp_dir().join(format!("bouncelab-open-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&place);
    let folder = place.join("out");
    fs::create_dir_all(&folder).unwrap();
    for scenario in ["one", "two"] {
        let text = format!(
            "name: {scenario}\nproviders:\n  northmail: {{}}\naudience:\n  - {{ domain: northmail.test, contacts: 3 }}\n\
             mailings:\n  - {{ name: newsletter }}\n"
        );
        let plan = harness::Plan::read(&scenario::Source::new("a.yaml", text.as_str())).unwrap();
        let record = harness::run(&plan, &harness::Options::default()).unwrap();
        record::files::write(&folder.join(scenario), &record).unwrap();
    }
    fs::write(place.join("run.json"), "outside").unwrap();
    fs::write(folder.join("secret.txt"), "secret").unwrap();
    fs::write(folder.join("report.md"), "# Report").unwrap();
    let answering = Answering::start(router(Shelf::of(&folder).unwrap()));
    (place, answering)
}

#[test]
fn pages_are_made_from_records() {
    let (place, open) = shown("pages");
    for path in ["/", "/report.html", "/one/report.html", "/two/report.html"] {
        let answer = open.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.head.contains("content-type: text/html"), "{}", answer.head);
        assert!(answer.head.contains("frame-ancestors 'none'"), "{}", answer.head);
        assert!(answer.body.starts_with("<!DOCTYPE html>") || answer.body.contains("\r\n<!DOCTYPE html>"));
    }
    assert_eq!(open.get("/three/report.html").status, 404);
    fs::remove_dir_all(place).unwrap();
}

#[test]
fn files_of_runs_are_handed_out_and_nothing_else() {
    let (place, open) = shown("files");
    let md = open.get("/report.md");
    assert_eq!((md.status, md.body.as_str()), (200, "# Report"));
    for header in ["x-content-type-options: nosniff", "sandbox", "cache-control: no-store"] {
        assert!(md.head.contains(header), "{header} is missing in {}", md.head);
    }
    let run = open.get("/one/run.json");
    assert!(run.status == 200 && run.body.starts_with('{'), "{}", run.head);
    fs::write(place.join("out/report.html"), "<p>written</p>").unwrap();
    let written = open.get("/");
    assert_eq!(written.body, "<p>written</p>");
    // Whoever wrote it: no script but ours runs.
    assert!(written.head.contains("script-src 'sha256-"), "{}", written.head);
    assert!(!written.head.contains("script-src 'unsafe-inline'"), "{}", written.head);
    let upwards = [
        "/../run.json",
        "/one/../../run.json",
        "/%2e%2e/run.json",
        "/..%2frun.json",
        "/one/%2e%2e/%2e%2e/run.json",
    ];
    for path in ["/secret.txt", "/one", "/one/", "/.hidden/run.json", "/one//run.json%00", "/scenario.yaml"]
        .into_iter()
        .chain(upwards)
    {
        let answer = open.get(path);
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
        assert!(!answer.body.contains("outside"));
    }
    fs::remove_dir_all(place).unwrap();
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_are_not_followed() {
    let (place, open) = shown("links");
    std::os::unix::fs::symlink(&place, place.join("out/up")).unwrap();
    std::os::unix::fs::symlink(place.join("run.json"), place.join("out/suite.json")).unwrap();
    assert_eq!(open.get("/up/run.json").status, 404);
    assert_eq!(open.get("/suite.json").status, 404);
    fs::remove_dir_all(place).unwrap();
}

#[test]
fn only_this_machine_is_answered() {
    let (place, open) = shown("rebinding");
    for host in ["evil.example", "127.0.0.1.evil.example:80", "192.0.2.1"] {
        assert_eq!(open.get_as(host, "/").status, 403, "{host}");
    }
    let port = open.address.port();
    assert_eq!(open.get_as(&format!("localhost:{port}"), "/one/run.json").status, 200);
    fs::remove_dir_all(place).unwrap();
}
