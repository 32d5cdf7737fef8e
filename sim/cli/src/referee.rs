//! Where the referee's program is. It is a workspace of its own (`sim/referee`), so that nobody pays for its build who does not
//! want it.

use std::env;
use std::path::{Path, PathBuf};

/// What to do where there is none.
pub(crate) const MISSING: &str = "--server mailin needs a program of its own; build it with \
     `cargo build --manifest-path sim/referee/Cargo.toml`, or put `bouncelab-mailin` beside this one";

/// The program: beside this one, or where it was built, in this folder or in the one that this program was built in.
pub fn program() -> Option<PathBuf> {
    let own = env::current_exe().unwrap_or_default();
    let beside = own.parent().into_iter().map(Path::to_owned);
    let workspaces = own.ancestors().skip(1).map(Path::to_owned).chain([PathBuf::new()]);
    let built = workspaces.flat_map(|folder| {
        ["release", "debug"].map(|profile| folder.join("sim/referee/target").join(profile))
    });
    let name = format!("bouncelab-mailin{}", env::consts::EXE_SUFFIX);
    beside.chain(built).map(|folder| folder.join(&name)).find(|program| program.is_file())
}
