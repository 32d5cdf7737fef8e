//! `bouncelab send`: the engine as a program of its own, mailing people over real sockets.
//!
//! - [`Send`]: what can be said to it
//! - `file`: what is sent to whom
//! - `way`: where connections lead, and what is asked of them
//! - `outcome`: what is said at the end

mod file;
mod options;
mod outcome;
mod way;

use std::fmt::Display;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use compose::{Composer, Epoch, Identity, ReturnPaths, Secret};
use harness::Progress;
use harness::sending::{self, Person, ReturnPath, Sending};
use policy::pace::SiteLimits;
use record::Record;
use scenario::{Problem, Problems, Source, Style};
use smtp::Domain;

use crate::{Exit, Streams, bar, check};
use file::MailingFile;
pub(crate) use options::{NOTES, Send};
use outcome::Ended;
use way::Way;

pub(crate) fn send(wanted: &Send, streams: &mut Streams<'_>) -> Exit {
    let (source, mailing) = match read(&wanted.file) {
        Ok(read) => read,
        Err((source, problems)) => return refuse(&source, problems, streams),
    };
    let way = match Way::of(wanted, &mailing) {
        Ok(way) => way,
        Err(error) => return streams.fail(error.exit, error),
    };
    if let Some(folder) = &wanted.record
        && let Err(words) = must_be_writable(folder)
    {
        return streams.fail(Exit::Environment, words);
    }
    streams.await_interrupt();
    let progress = Arc::new(Progress::default());
    streams.interrupt().watch(&progress);
    let name = mailing.name.clone();
    let ended = bar::beside(&name, &progress, streams.is_live(), || {
        deliver(&source, mailing, way, wanted, &progress)
    });
    match ended {
        Ok(ended) => conclude(&ended, wanted, streams),
        Err(words) => streams.fail(Exit::Environment, words),
    }
}

/// Reads the mailing file, or says what is wrong with it.
fn read(path: &Path) -> Result<(Source, MailingFile), (Source, Problems)> {
    let nameless = || Source::new(path.display().to_string(), "");
    let source = Source::read(path).map_err(|problem: Problem| (nameless(), problem.into()))?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    match file::read(&source, folder) {
        Ok(mailing) => Ok((source, mailing)),
        Err(problems) => Err((source, problems)),
    }
}

fn refuse(source: &Source, problems: Problems, streams: &mut Streams<'_>) -> Exit {
    let style = if streams.colours() { Style::Coloured } else { Style::Plain };
    let problems = problems.into_sorted();
    let rendered = scenario::render(source, &problems, style);
    let many = check::counted(problems.len(), "problem");
    let _ = write!(streams.err, "{}\n\n{many}; nothing was sent\n", rendered.trim_end());
    Exit::Invalid
}

/// Made and removed again, to see before anything is sent whether the folder can be written to.
fn must_be_writable(folder: &Path) -> Result<(), String> {
    if folder.join(record::files::RUN).exists() {
        let folder = folder.display();
        return Err(format!(
            "`{folder}` holds a record already; name another folder, or remove it; nothing was sent"
        ));
    }
    let probe = folder.join(".bouncelab-probe");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::File::create(&probe))
        .and_then(|_| std::fs::remove_file(&probe))
        .map_err(|error| format!("cannot write into the folder `{}`: {error}", folder.display()))
}

/// Sends the mailing in a runtime of its own.
fn deliver(
    source: &Source,
    mailing: MailingFile,
    way: Way,
    wanted: &Send,
    progress: &Arc<Progress>,
) -> Result<Ended, String> {
    let cannot = |error: &dyn Display| format!("cannot send: {error}");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| cannot(&error))?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let (world, epoch) = way.world().map_err(|error| cannot(&error))?;
        let limit = wanted.time_limit.map(|limit| world.clock.now() + limit);
        let began = world.clock.clone();
        let start = began.now();
        let sending = made(source, mailing, wanted, epoch);
        let (record, end) = sending::send(sending, world, limit, progress).await;
        Ok(Ended { record, end, took: began.now().since(start) })
    })
}

/// The engine's own limits. Everybody has a message of their own, so that there is one recipient in each.
fn limits(wanted: &Send) -> SiteLimits {
    SiteLimits {
        connections: wanted.connections,
        messages_per_connection: wanted.per_connection,
        recipients_per_message: 1,
        rate: None,
    }
}

/// The mailing as the harness takes it. The moment tells it from the same mailing sent another time.
fn made(source: &Source, mailing: MailingFile, wanted: &Send, epoch: way::Started) -> Sending {
    let domain = Domain::parse(mailing.from.domain()).expect("an address has a domain");
    let identity = Identity { seed: epoch.nanos, mailing: mailing.number, domain };
    // Without one there are no tokens, as the file was checked for.
    let secret = mailing.secret.clone().unwrap_or_else(|| Secret::new(&[]));
    let mut composer = Composer::new(mailing.template, identity, Epoch(epoch.seconds), secret);
    if let Some(unsubscribe) = mailing.unsubscribe {
        composer = composer.with_unsubscribe(unsubscribe);
    }
    composer = mailing.signers.into_iter().fold(composer, Composer::with_signer);
    let paths = mailing.secret.and_then(|secret| ReturnPaths::new(mailing.return_path.clone(), secret));
    let person = |person: file::Person| Person { address: person.address, fields: person.fields };
    Sending {
        name: mailing.name,
        file: source.name().to_owned(),
        seed: epoch.nanos,
        number: mailing.number,
        composer,
        return_path: paths.map_or(ReturnPath::Shared(mailing.return_path), ReturnPath::Each),
        people: mailing.people.into_iter().map(person).collect(),
        plan: mailing.plan,
        contact_policy: mailing.policy,
        uncertain: mailing.uncertain,
        limits: limits(wanted),
        tls: wanted.tls.policy(),
    }
}

/// Says how it went, and keeps the record if it is to be kept.
fn conclude(ended: &Ended, wanted: &Send, streams: &mut Streams<'_>) -> Exit {
    outcome::print(ended, streams);
    let kept = wanted.record.as_deref().map_or(Exit::Held, |folder| keep(folder, &ended.record, streams));
    kept.graver(outcome::exit(ended))
}

fn keep(folder: &Path, record: &Record, streams: &mut Streams<'_>) -> Exit {
    match record::files::write(folder, record) {
        Ok(()) => {
            let _ = writeln!(streams.out, "written to {}", folder.display());
            Exit::Held
        }
        Err(error) => streams.fail(Exit::Environment, error),
    }
}
