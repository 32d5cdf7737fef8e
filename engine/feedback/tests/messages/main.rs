//! Messages that came back, and what is read in them: each `NAME.eml` has its reading beside it in `NAME.txt`.
//!
//! The messages are written for this purpose, after the RFCs and the habits of programs. `BLESS=1 cargo test -p feedback --test
//! messages` writes the readings; read what changed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use policy::feedback::{Notice, RecipientStatus};

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of messages can be read")
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .collect();
    files.sort();
    let trials = files.into_iter().map(|file| {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        Trial::test(name, move || check(&file).map_err(Into::into))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn check(file: &Path) -> Result<(), String> {
    let message = std::fs::read(file).map_err(|error| error.to_string())?;
    let actual = shown(&feedback::read(&message));
    let golden = file.with_extension("txt");
    if std::env::var_os("BLESS").is_some() {
        return std::fs::write(golden, actual).map_err(|error| error.to_string());
    }
    let expected = std::fs::read_to_string(golden).unwrap_or_default();
    if actual == expected { Ok(()) } else { Err(format!("it is read as\n{actual}\nand not as\n{expected}")) }
}

fn shown(notice: &Notice) -> String {
    match notice {
        Notice::Status(entries) => entries.iter().fold(String::from("delivery report\n"), entry),
        Notice::Complaint(complaint) => complaint
            .return_paths
            .iter()
            .fold(String::from("complaint\n"), |text, path| text + "return path: " + path.as_str() + "\n"),
        Notice::Letter { subject } => format!("letter: {subject}\n"),
        Notice::Nothing(why) => format!("nothing: {}\n", why.name()),
    }
}

fn entry(mut text: String, entry: &RecipientStatus) -> String {
    let names: Vec<_> = entry.recipients.iter().map(ToString::to_string).collect();
    let status = entry.status.map(|status| status.to_string()).unwrap_or_default();
    let remote = entry.remote.as_ref().map(ToString::to_string).unwrap_or_default();
    writeln!(
        text,
        "\nrecipients: {}\naction: {:?}\nstatus: {status}\ndiagnostic: {:?}\nremote: {remote}",
        names.join(" "),
        entry.action,
        entry.diagnostic
    )
    .expect("writing to a string");
    text
}
