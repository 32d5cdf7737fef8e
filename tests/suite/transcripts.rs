//! What the command answers, as transcripts: a file in `tests/transcripts/` is a session of a user, one command after the
//! other, with what is said and the exit code. The folder `out` is a scratch folder, empty at the beginning.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;

use crate::{command, files, golden, trial};

const PROMPT: &str = "$ bouncelab ";

pub(crate) fn trials() -> Vec<Trial> {
    let files = files::with_suffix("tests/transcripts", "txt").into_iter();
    files.map(|file| trial("transcripts", &name(&file), move || check(&file))).collect()
}

fn name(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn check(file: &Path) -> Result<(), String> {
    let scratch = files::scratch("transcripts").join(name(file));
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir(&scratch).map_err(|error| error.to_string())?;
    let text = files::text(file);
    let commands = text.lines().filter_map(|line| line.strip_prefix(PROMPT));
    let session: String = commands
        .map(|line| {
            let said = command::line(line, &scratch);
            format!("{PROMPT}{line}\n{}[exit code {}]\n\n", said.masked(), said.exit.code())
        })
        .collect();
    golden::check(file, &session)
}
