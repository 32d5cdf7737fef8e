//! Every decision as text that a reviewer can read, and laws over all of them.
//!
//! - [`replies`]: how each reply of the shipped profiles, and each of a list of misleading ones, is read
//! - [`outcomes`]: what becomes of a recipient, for every finding in every situation
//! - [`tls`]: whether mail travels inside TLS
//! - [`ahead`]: what may be begun while a message is under way
//! - [`personal`]: messages for one person
//! - [`returned`]: what comes back after a message was accepted
//! - [`routes`]: what becomes of those who are due when the DNS says something else
//! - [`laws`]: what no sequence of facts may break
//!
//! The texts are golden files beside this folder. `BLESS=1 cargo test -p policy --test decisions` writes them; read what
//! changed as somebody would whose contacts depend on it.

mod account;
mod ahead;
mod annotation;
mod driver;
mod golden;
mod laws;
mod outcomes;
mod personal;
mod replies;
mod returned;
mod routes;
mod shell;
mod tls;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let trials = [
        replies::trials(),
        outcomes::trials(),
        personal::trials(),
        returned::trials(),
        laws::trials(),
        tls::trials(),
        ahead::trials(),
        routes::trials(),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials.into_iter().flatten().collect()).exit_code()
}

/// A test of the suite `suite`.
fn trial(suite: &str, name: &str, run: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(format!("{suite}::{name}"), move || run().map_err(Into::into))
}
