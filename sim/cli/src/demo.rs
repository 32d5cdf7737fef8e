//! `bouncelab run --demo`: what becomes of addresses that say it themselves, without a scenario.
//!
//! Each is mailed in a world of its own, so that none changes what becomes of another: a provider that throttles us would keep
//! everybody waiting.

mod outcome;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use fleet::magic::{self, Spell};
use harness::{Options, Plan};
use record::Timing;
use reports::{Suite, terminal};
use scenario::{Source, Style};
use smtp::Address;

use self::outcome::Ended;
use crate::{Exit, Streams, guard};

/// The domain of examples, and of words that are given alone.
const DOMAIN: &str = "any.test";

/// What the worlds are called where one goes wrong.
const NAME: &str = "demo";

/// An address and what it says.
#[derive(Debug)]
struct Magic {
    address: Address,
    spell: Spell,
}

pub(crate) fn demo(addresses: &[String], seed: Option<u64>, streams: &mut Streams<'_>) -> Exit {
    let wanted: Result<Vec<Magic>, String> = match addresses {
        [] => Ok(everything()),
        some => some.iter().map(|text| read(text)).collect(),
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(problem) => return streams.fail(Exit::Usage, problem),
    };
    streams.await_interrupt();
    let mut ended = Vec::new();
    for magic in &wanted {
        if streams.interrupt().is_pressed() {
            return Exit::Interrupted;
        }
        match mail(magic, seed, streams) {
            Ok(one) => ended.push(one),
            Err(exit) => return exit,
        }
    }
    let _ = write!(streams.out, "{}", table(&wanted, &ended));
    Exit::Held
}

/// One of every word.
fn everything() -> Vec<Magic> {
    let address =
        |local_part| Address::parse(&format!("{local_part}@{DOMAIN}")).expect("words are local parts");
    magic::examples()
        .map(|example| Magic { address: address(example.local_part), spell: example.spell })
        .collect()
}

/// Reads an address, or a word alone.
fn read(text: &str) -> Result<Magic, String> {
    let whole = if text.contains('@') { text.to_owned() } else { format!("{text}@{DOMAIN}") };
    let address = Address::parse(&whole).map_err(|error| {
        format!("`{text}` is no address: {error}\n  write a word before the `@`, as in full@{DOMAIN}")
    })?;
    let (local_part, domain) = address.as_str().rsplit_once('@').unwrap_or((address.as_str(), ""));
    if !magic::serves(domain) {
        return Err(format!(
            "`{domain}` may belong to somebody\n  \
             take a domain that nobody owns, as in {local_part}@{DOMAIN}; `bouncelab run --help` lists them"
        ));
    }
    match (magic::read(local_part), magic::nearest(local_part)) {
        (Some(spell), _) => Ok(Magic { address, spell }),
        (None, Some(near)) => Err(format!("`{local_part}` is no magic word: did you mean `{near}`?")),
        (None, None) => Err(format!(
            "`{local_part}` is no magic word\n  `bouncelab run --help` lists them; `ok` is for what is simply accepted"
        )),
    }
}

/// Mails one address in a world of its own.
///
/// # Errors
/// The run came to no end, or to one that is a bug of ours: told to the user, and the exit code for it.
fn mail(magic: &Magic, seed: Option<u64>, streams: &mut Streams<'_>) -> Result<Ended, Exit> {
    let plan = plan(&magic.address);
    let seed = seed.unwrap_or_else(|| plan.seed());
    let options = Options { seed: Some(seed), ..Options::default() };
    let case = match guard::run(&harness::run, &plan, &options) {
        Ok(record) if record.checked.lawful() => return Ok(Ended::of(&record)),
        Ok(record) => reports::Ran::of(&record, Timing::default()).quoting(plan.source().text()).into(),
        Err(mishap) => mishap.into_case(Path::new(NAME), &plan, seed, String::new()),
    };
    let exit = case.standing().into();
    let suite = Suite { cases: vec![case], timing: Timing::default() };
    let _ = write!(streams.err, "{}", terminal::details(&suite, streams.look()));
    Err(exit)
}

/// The world: the address, and a provider that obeys it.
fn plan(address: &Address) -> Plan {
    let text = format!(
        "name: {NAME}\n\
         providers: {{ magic: {{ domains: ['{}'], magic: {{}} }} }}\n\
         audience: [{{ contact: '{}' }}]\n\
         mailings: [{{ name: demo }}]\n",
        address.domain(),
        address.as_str().replace('\'', "''"),
    );
    let source = Source::new(NAME, text);
    Plan::read(&source).unwrap_or_else(|problems| {
        let shown = scenario::render(&source, &problems.into_sorted(), Style::Plain);
        panic!("the world of an address cannot be read:\n{shown}")
    })
}

const HEADER: [&str; 7] = ["ADDRESS", "OUTCOME", "TRIES", "AFTER", "REASON", "ARRIVED", "CONTACT"];

/// A row for each address, with what it says below it.
fn table(wanted: &[Magic], ended: &[Ended]) -> String {
    let rows: Vec<[String; 7]> = wanted
        .iter()
        .zip(ended)
        .map(|(magic, ended)| {
            let [outcome, tries, after, reason, arrived, contact] = ended.cells();
            [magic.address.as_str().to_owned(), outcome, tries, after, reason, arrived, contact]
        })
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADER[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut text = line(&HEADER.map(str::to_owned), &widths);
    for (magic, row) in wanted.iter().zip(&rows) {
        text += &line(row, &widths);
        let _ = writeln!(text, "    {}", magic.spell);
    }
    text + NOTES
}

const NOTES: &str = "
TRIES are attempts that count, ARRIVED the copies that the provider took: what
the sender believes and what is true are two things. In a scenario, providers
with `magic: {}` obey such addresses; over real sockets, `bouncelab serve` does.
";

fn line(cells: &[String; 7], widths: &[usize; 7]) -> String {
    let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    let text = cells.collect::<Vec<_>>().join("  ");
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read() {
        let check = |text: &str, address: &str| assert_eq!(read(text).expect(text).address.as_str(), address);
        check("full", "full@any.test");
        check("bob+550-5.1.1@Shop.Example", "bob+550-5.1.1@shop.example");
        let refuse = |text: &str, problem: &str| {
            let found = read(text).expect_err(text);
            assert!(found.contains(problem), "{text}: {found}");
        };
        refuse("fulll@any.test", "`fulll` is no magic word: did you mean `full`?");
        refuse("ann@any.test", "`ann` is no magic word\n");
        refuse("full@gmail.com", "`gmail.com` may belong to somebody");
        refuse("full@@any.test", "`full@@any.test` is no address");
    }

    #[test]
    fn any_address_makes_a_world() {
        for text in ["o'neil+ok@any.test", "\"a b\"+x@any.test", "#{}[]&*!|%`+ok@any.test"] {
            if let Ok(address) = Address::parse(text) {
                assert_eq!(plan(&address).contacts(), 1, "{text}");
            }
        }
    }
}
