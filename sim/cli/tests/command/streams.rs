//! Streams that fail, and interruptions.

use std::io::{self, ErrorKind, Write};

use bouncelab::{Exit, Streams};

use crate::place::Place;

/// Takes so many bytes, and then fails in this way.
struct Failing {
    bytes: usize,
    kind: ErrorKind,
}

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes = self.bytes.checked_sub(bytes.len()).ok_or(self.kind)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs the command with an output that fails; compares how it ends, and what it says about it.
fn check(place: &Place, arguments: &[&str], out: Failing, wanted: Exit, says: &str) {
    let mut err = Vec::new();
    let exit = bouncelab::main(place.arguments(arguments), &mut Streams::plain(out, &mut err));
    assert_eq!((exit, String::from_utf8(err).unwrap().as_str()), (wanted, says));
}

#[test]
fn a_reader_who_had_enough_is_no_fault() {
    let place = Place::new("a_reader_who_had_enough_is_no_fault");
    place.write_scenario("a.yaml", "One");
    for bytes in [0, 10, 100] {
        let closed = || Failing { bytes, kind: ErrorKind::BrokenPipe };
        check(&place, &["reference"], closed(), Exit::Held, "");
        check(&place, &["--help"], closed(), Exit::Held, "");
        check(&place, &["run", "@a.yaml", "--out", "@out"], closed(), Exit::Held, "");
        assert!(place.path("out/run.json").is_file(), "it is run all the same");
        check(&place, &["explain", "@out", "--contact", "c000001@northmail.test"], closed(), Exit::Held, "");
    }
}

#[test]
fn a_full_disk_is_one() {
    let place = Place::new("a_full_disk_is_one");
    place.write_scenario("a.yaml", "One");
    let full = || Failing { bytes: 10, kind: ErrorKind::StorageFull };
    let says = format!("error: cannot write to standard output: {}\n", ErrorKind::StorageFull);
    check(&place, &["run", "@a.yaml"], full(), Exit::Environment, &says);
    check(&place, &["reference", "laws"], full(), Exit::Environment, &says);
}

#[test]
fn standard_error_may_be_closed() {
    let place = Place::new("standard_error_may_be_closed");
    place.write("bad.yaml", "name: Bad\n");
    let err = Failing { bytes: 0, kind: ErrorKind::BrokenPipe };
    let exit = bouncelab::main(place.arguments(&["run", "@bad.yaml"]), &mut Streams::plain(io::sink(), err));
    assert_eq!(exit, Exit::Invalid);
}

#[test]
fn an_interruption_is_reported_and_written() {
    let place = Place::new("an_interruption_is_reported_and_written");
    place.write_scenario("a.yaml", "One");
    place.write_scenario("b.yaml", "Two");
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams::plain(&mut out, &mut err);
    streams.interrupt().press();
    let arguments = ["run", "@a.yaml", "@b.yaml", "--out", "@out", "--report", "junit,json"];
    let exit = bouncelab::main(place.arguments(&arguments), &mut streams);
    drop(streams);
    assert_eq!(exit, Exit::Interrupted);
    assert!(String::from_utf8(out).unwrap().starts_with("interrupted: 0 of 2 scenarios were finished\n"));
    assert!(err.is_empty());
    assert!(place.read("out/junit.xml").contains("tests=\"2\" failures=\"0\" errors=\"2\""));
    let json = place.read("out/report.json");
    assert!(json.contains("\"scenarios_not_reached\": 2") && json.contains("\"held\": false"), "{json}");
}
