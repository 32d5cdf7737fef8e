//! What must be refused: the message is the golden text beside each input, `check` and `run` say the same of it, and nothing
//! runs. Inputs that cannot be kept as files are made here; their golden texts are in `tests/invalid/made/`.

use std::fs;
use std::path::{Path, PathBuf};

use bouncelab::Exit;
use libtest_mimic::Trial;

use crate::command::bouncelab;
use crate::{files, golden, trial};

/// An input that is made: its name, what makes it in an empty folder and answers with the paths to name, and how the
/// command ends.
struct Made {
    name: &'static str,
    make: fn(&Path) -> Vec<PathBuf>,
    exit: Exit,
}

const MADE: [Made; 6] = [
    Made { name: "ten-mebibytes", make: ten_mebibytes, exit: Exit::Invalid },
    Made { name: "missing-file", make: |folder| vec![folder.join("outage.yaml")], exit: Exit::Invalid },
    Made { name: "file-within-a-file", make: file_within_a_file, exit: Exit::Invalid },
    Made { name: "one-of-two", make: one_of_two, exit: Exit::Invalid },
    Made {
        name: "folder-without-scenarios",
        make: |folder| vec![folder.to_owned()],
        exit: Exit::NothingMatched,
    },
    Made { name: "folder-of-profiles", make: folder_of_profiles, exit: Exit::NothingMatched },
];

pub(crate) fn trials() -> Vec<Trial> {
    let kept = files::with_suffix("tests/invalid", "yaml").into_iter().map(|file| {
        trial("invalid", &files::case(&file)["invalid::".len()..], move || {
            check(&[file.to_string_lossy().into_owned()], Exit::Invalid, &golden::of(&file), "")
        })
    });
    let made = MADE.iter().map(|made| trial("invalid", made.name, || check_made(made)));
    kept.chain(made).collect()
}

/// The golden texts of the inputs that are made.
pub(crate) fn made_goldens() -> impl Iterator<Item = PathBuf> {
    MADE.iter().map(|made| Path::new("tests/invalid/made").join(made.name).with_extension("txt"))
}

fn check_made(made: &Made) -> Result<(), String> {
    let folder = files::scratch("invalid").join(made.name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).map_err(|error| error.to_string())?;
    let paths: Vec<_> = (made.make)(&folder).iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let golden = Path::new("tests/invalid/made").join(made.name).with_extension("txt");
    check(&paths, made.exit, &golden, &folder.to_string_lossy())
}

/// `folder` is where the input was made; the golden text calls it FOLDER.
fn check(paths: &[String], exit: Exit, golden: &Path, folder: &str) -> Result<(), String> {
    for command in ["check", "run"] {
        let said = bouncelab(std::iter::once(command).chain(paths.iter().map(String::as_str)));
        said.must_end(exit)?;
        if !said.out.is_empty() {
            return Err(format!("`{command}` prints to standard output:\n{}", said.out));
        }
        let message = if folder.is_empty() { said.err } else { said.err.replace(folder, "FOLDER") };
        // Only `run` would have run something.
        let message = message.replace("; nothing was run", "");
        golden::check(golden, &message).map_err(|difference| format!("`{command}`: {difference}"))?;
    }
    Ok(())
}

fn ten_mebibytes(folder: &Path) -> Vec<PathBuf> {
    let line = "  - { contact: ann@bigbox.test }\n";
    write(
        folder,
        "big.yaml",
        &format!("name: Big\naudience:\n{}", line.repeat(10 * 1024 * 1024 / line.len())),
    )
}

fn file_within_a_file(folder: &Path) -> Vec<PathBuf> {
    let mut paths = write(folder, "outage.yaml", "name: Outage\n");
    paths[0].push("part-1.yaml");
    paths
}

/// One scenario of a folder is sound, but because of the other one nothing runs.
fn one_of_two(folder: &Path) -> Vec<PathBuf> {
    fs::copy("scenarios/mailboxes/full.yaml", folder.join("full.yaml"))
        .expect("a scratch folder is writable");
    write(folder, "name-only.yaml", "name: All there is\n");
    vec![folder.to_owned()]
}

fn folder_of_profiles(folder: &Path) -> Vec<PathBuf> {
    let profiles = folder.join("providers");
    fs::create_dir(&profiles).expect("a scratch folder is writable");
    fs::copy("scenarios/providers/gmx.yaml", profiles.join("gmx.yaml"))
        .expect("a scratch folder is writable");
    vec![folder.to_owned()]
}

fn write(folder: &Path, name: &str, text: &str) -> Vec<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, text).expect("a scratch folder is writable");
    vec![path]
}
