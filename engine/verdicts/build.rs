//! Lists the files of rules, so that adding a provider is adding a file.
//!
//! Writes one table of (name, text) for `src/rulebook/mod.rs`; the texts themselves are embedded by the compiler.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of rules can be read")
        .map(|entry| entry.expect("its entries can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort_by(|a, b| a.file_stem().cmp(&b.file_stem()));
    let mut table = String::from("&[\n");
    for path in paths {
        let name = path.file_stem().expect("a file has a name").to_string_lossy();
        writeln!(table, "    ({name:?}, include_str!({path:?})),").expect("writing to a String cannot fail");
    }
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("rules.rs");
    fs::write(target, table + "]\n").expect("the table of rules can be written");
}
