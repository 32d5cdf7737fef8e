//! Lists the provider profiles, so that adding a profile is adding a file.
//!
//! Writes one table of (name, text) for `src/profile/library.rs`; the texts themselves are embedded by the compiler.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    // Asked when it runs: a build script that was compiled elsewhere would look there.
    let root = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let folder = Path::new(&root).join("../../scenarios/providers");
    println!("cargo::rerun-if-changed={}", folder.display());
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("profiles.rs");
    fs::write(target, table(&profiles(&folder))).expect("the table of profiles can be written");
}

/// The paths of all profiles, sorted by name.
fn profiles(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("scenarios/providers can be read")
        .map(|entry| entry.expect("scenarios/providers can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| path.canonicalize().expect("a listed file exists"))
        .collect();
    paths.sort_by(|a, b| a.file_stem().cmp(&b.file_stem()));
    paths
}

/// A Rust expression: a slice of pairs of name and text.
fn table(profiles: &[PathBuf]) -> String {
    let mut table = String::from("&[\n");
    for path in profiles {
        let name = path.file_stem().expect("a file has a name").to_string_lossy();
        writeln!(table, "    ({name:?}, include_str!({path:?})),").expect("writing to a String cannot fail");
    }
    table + "]\n"
}
