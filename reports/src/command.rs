//! The commands that reports suggest, ready to be copied into a shell.

use std::borrow::Cow;

use crate::foreign;
use crate::ran::Ran;
use crate::suite::Defect;

/// The command that runs the scenario again with its seed; `None` if its file is not known.
pub(crate) fn run_again(ran: &Ran) -> Option<String> {
    again(&ran.file, ran.seed)
}

/// The command that shows the bug again.
pub(crate) fn show_again(defect: &Defect) -> Option<String> {
    let command = again(&defect.file, defect.seed)?;
    Some(if defect.options.is_empty() { command } else { format!("{command} {}", defect.options) })
}

fn again(file: &str, seed: u64) -> Option<String> {
    (!file.is_empty()).then(|| format!("bouncelab run {} --seed {seed}", quoted(file)))
}

/// The command that tells the story of `contact`: from the record that was written, or by running the scenario again.
pub(crate) fn explain(ran: &Ran, contact: &str) -> Option<String> {
    let contact = quoted(contact);
    match &ran.record_dir {
        Some(dir) => Some(format!("bouncelab explain {} --contact {contact}", quoted(dir))),
        None if ran.file.is_empty() => None,
        None => {
            let (file, seed) = (quoted(&ran.file), ran.seed);
            Some(format!("bouncelab explain {file} --seed {seed} --contact {contact}"))
        }
    }
}

/// An argument as a POSIX shell takes it. Characters that act are shown instead (see [`foreign::clean`]).
fn quoted(argument: &str) -> Cow<'_, str> {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&byte) || byte >= 0x80;
    let argument = foreign::clean(argument);
    if !argument.is_empty() && argument.bytes().all(harmless) {
        argument
    } else {
        format!("'{}'", argument.replace('\'', "'\\''")).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_survives_the_shell() {
        let check = |argument, text| assert_eq!(quoted(argument), text);
        check("scenarios/outage/heals.yaml", "scenarios/outage/heals.yaml");
        check("my scenarios/x.yaml", "'my scenarios/x.yaml'");
        check("o'hara@bigbox.test", "'o'\\''hara@bigbox.test'");
        check("a;rm -rf $HOME", "'a;rm -rf $HOME'");
        check("", "''");
    }
}
