//! Mailing files: what is sent to whom, in YAML, with all problems at once.
//!
//! Read with the tree and the rendering of scenarios, so that a mistake looks the same in both.

mod keys;
mod people;
mod place;
mod recipients;
mod signatures;
mod texts;
mod unsubscribe;

use std::path::Path;
use std::time::Duration;

use compose::{Secret, Signer, Template, Unsubscribe};
use policy::contact::ContactPolicy;
use policy::mailing::UncertainPolicy;
use policy::retry::RetryPlan;
use scenario::{Node, Placed, Problem, Problems, Reader, Source, value};
use smtp::Address;

pub(crate) use recipients::Person;

const POLICIES: [(&str, ContactPolicy); 2] =
    [("classic", ContactPolicy::Classic), ("careful", ContactPolicy::Careful)];
const UNCERTAIN: [(&str, UncertainPolicy); 3] = [
    ("resend", UncertainPolicy::Resend),
    ("hold", UncertainPolicy::Hold),
    ("assume_delivered", UncertainPolicy::AssumeDelivered),
];

/// Fewer characters of a secret could be guessed.
const SECRET_CHARACTERS: usize = 16;

/// A mailing that can be sent.
#[derive(Debug)]
pub(crate) struct MailingFile {
    pub(crate) name: String,
    pub(crate) number: u32,
    pub(crate) from: Address,
    pub(crate) template: Template,
    pub(crate) people: Vec<Person>,
    pub(crate) return_path: Address,
    /// Without one, all share the return path, and there are no tokens.
    pub(crate) secret: Option<Secret>,
    pub(crate) unsubscribe: Option<Unsubscribe>,
    pub(crate) signers: Vec<Signer>,
    pub(crate) plan: RetryPlan,
    pub(crate) policy: ContactPolicy,
    pub(crate) uncertain: UncertainPolicy,
}

/// Reads a mailing file; files that it names are looked for in `folder`.
///
/// # Errors
/// Everything that is wrong with it and with the files that it names.
pub(crate) fn read(source: &Source, folder: &Path) -> Result<MailingFile, Problems> {
    let tree = scenario::tree(source)?;
    let mut problems = Problems::new();
    if tree.is_missing() {
        let keys = "a mailing has at least the keys `name`, `from`, `subject`, `text` and `recipients`";
        return Err(Problem::new("the file is empty").help(keys).into());
    }
    match mailing(source, folder, &tree, &mut problems) {
        Some(mailing) if problems.is_empty() => Ok(mailing),
        Some(_) | None => Err(problems),
    }
}

fn mailing(source: &Source, folder: &Path, tree: &Node, problems: &mut Problems) -> Option<MailingFile> {
    let mut reader = Reader::new("a mailing", keys::MAILING, tree, problems)?;
    let name = reader.required("name", value::text);
    let number = reader.optional("number", value::number(0..=u32::MAX)).unwrap_or(1);
    let people = reader.required("recipients", recipients::reader(source, folder));
    let texts = texts::read(&mut reader);
    let return_path = reader.optional("return_path", value::placed(address));
    let secret = reader.optional("secret", secret);
    let unsubscribe =
        reader.optional("unsubscribe", |node, problems| unsubscribe::read(source, node, problems));
    let signers = reader.optional("dkim", signatures::reader(folder)).unwrap_or_default();
    let plan = reader.optional("plan", plan).unwrap_or_default();
    let policy = reader.optional("policy", value::one_of(&POLICIES)).unwrap_or(ContactPolicy::Classic);
    let uncertain = reader.optional("uncertain", value::one_of(&UNCERTAIN)).unwrap_or_default();
    reader.finish();
    let (texts, people) = (texts?, people?);
    let return_path =
        return_path.unwrap_or_else(|| Placed { value: texts.from.value.clone(), place: texts.from.place });
    let template = texts.template(source, &people.names, problems)?;
    people.check(&template, problems);
    if let Some(secret) = &secret {
        check_return_path(&return_path, secret, problems);
    } else {
        check_without_secret(&template, unsubscribe.as_ref(), tree, problems);
    }
    Some(MailingFile {
        name: name?,
        number,
        from: texts.from.value,
        template,
        people: people.all,
        return_path: return_path.value,
        secret,
        unsubscribe: unsubscribe.map(|placed| placed.value),
        signers,
        plan,
        policy,
        uncertain,
    })
}

/// An address, whose domain may be in any script.
fn address(node: &Node, problems: &mut Problems) -> Option<Address> {
    let text = value::text(node, problems)?;
    compose::address(&text).map_err(|error| problems.push(no_address(node, &text, error))).ok()
}

fn no_address(node: &Node, text: &str, error: compose::MailboxError) -> Problem {
    Problem::at(node.place, format!("`{text}` is no address: {error}"), "not an address")
        .help("write an address, as in ann@bigbox.test")
}

fn secret(node: &Node, problems: &mut Problems) -> Option<Secret> {
    let text = value::text(node, problems)?;
    if text.chars().count() < SECRET_CHARACTERS {
        let message = format!("a secret has at least {SECRET_CHARACTERS} characters");
        problems.push(Problem::at(node.place, message, "too short").help("write any long text, and keep it"));
        return None;
    }
    Some(Secret::new(text.as_bytes()))
}

fn plan(node: &Node, problems: &mut Problems) -> Option<RetryPlan> {
    let offsets: Vec<Duration> = value::list(value::duration)(node, problems)?;
    RetryPlan::new(offsets).map_err(|fault| problems.push(harness::broken_plan(node.place, fault))).ok()
}

/// Return paths for each recipient must be possible.
fn check_return_path(base: &Placed<Address>, secret: &Secret, problems: &mut Problems) {
    if compose::ReturnPaths::new(base.value.clone(), secret.clone()).is_none() {
        let message = format!("`{}` leaves no room for a return path for each recipient", base.value);
        problems.push(
            Problem::at(base.place, message, "too long, or in quotes")
                .help("name a `return_path` with at most 25 characters before the `@`, without quotes"),
        );
    }
}

/// Without a secret there are no tokens that nobody could guess.
fn check_without_secret(
    template: &Template,
    unsubscribe: Option<&Placed<Unsubscribe>>,
    tree: &Node,
    problems: &mut Problems,
) {
    let place = match unsubscribe {
        Some(ways) if ways.value.needs_secret() => ways.place,
        Some(_) | None if template.needs_secret() => tree.place,
        Some(_) | None => return,
    };
    problems.push(
        Problem::at(place, "`{{token}}` needs a `secret`", "a token is made from it")
            .help("add `secret: <text>`, of at least 16 characters"),
    );
}
