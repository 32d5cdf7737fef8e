//! SMTP dialogues, written from the RFCs: one text file is one test.
//!
//! Client and server of this crate share one grammar, so that a mistake in it could cancel out between them. These
//! files know nothing of the code: they say what stands on the wire.
//!
//! # The format
//!
//! `#` begins a comment line. First come settings, `key: value` (see `client.rs` and `server.rs`); the first is
//! `side: client` or `side: server`, the side that is tested. Then the dialogue, one mark at the start of a line:
//!
//! ```text
//! C: text     the client says this and CRLF           S: text     the server says this and CRLF
//! C= text     the client says exactly this            S= text     the server says exactly this
//! ```
//!
//! Lines with the same letter that follow each other are one group. What the other side says is handed to the side
//! under test at once; what the side under test says must be exactly the group, no less and no more. Escapes: `\r \n \t
//! \0 \\ \xNN`, and `{x*600}` for 600 times x, which may be an escape. The other marks of a side are told in its module.
//!
//! Every file is run with the bytes handed over whole, one by one, and in sevens; that must make no difference.

mod client;
mod script;
mod server;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use script::{Script, Side};

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialogues");
    libtest_mimic::run(&Arguments::from_args(), discover(&folder)).exit_code()
}

fn discover(folder: &Path) -> Vec<Trial> {
    let entries = std::fs::read_dir(folder).expect("the folder of this file is readable");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("its entries are readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "smtp"));
    paths.sort();
    assert!(!paths.is_empty(), "no dialogues in {}", folder.display());
    paths.into_iter().map(|path| Trial::test(name(&path), move || check(&path).map_err(Into::into))).collect()
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn check(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let script = Script::parse(&text)?;
    for pieces in [usize::MAX, 1, 7] {
        let run = match script.side {
            Side::Client => client::run(&script, pieces),
            Side::Server => server::run(&script, pieces),
        };
        run.map_err(|problem| format!("{}:{problem} (in pieces of {pieces})", path.display()))?;
    }
    Ok(())
}
